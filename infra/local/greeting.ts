/** What is printed once the service answers: where it is, the key, and three commands that work when pasted one by one. */
export function greeting({ url, operatorKey }: { readonly url: string; readonly operatorKey: string }): string {
  return `
leadledger answers at ${url}   (API description: ${url}/docs)
Operator key: ${operatorKey}

Try it; paste these three into another shell, one after the other:

# 1. Make an advertiser, an affiliate, a campaign, and a key with which the advertiser reports leads
api() { curl -sS '${url}'"$1" -H 'authorization: Bearer ${operatorKey}' -H 'content-type: application/json' -d "$2"; echo; }
api /v1/advertisers '{"name":"Demo shop","currency":"EUR","externalId":"demo-shop"}'
api /v1/affiliates '{"name":"Demo affiliate","externalId":"demo-affiliate"}'
api /v1/campaigns '{"advertiserId":"ext:demo-shop","name":"Demo campaign","externalId":"demo-shop","landingUrl":"https://example.com/?click_id={click_id}","currency":"EUR","charge":"25.00","commission":"18.00"}'
KEY=$(api /v1/keys '{"role":"advertiser","advertiserId":"ext:demo-shop","scopes":["postback"]}' | sed 's/.*"key":"\\([^"]*\\)".*/\\1/')

# 2. Click, as a browser would (bots are not counted): the visitor is sent to the landing page with a click id
CLICK=$(curl -sS -A 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' -o /dev/null -w '%{redirect_url}' '${url}/c/ext:demo-shop?affiliate_id=ext:demo-affiliate&sub1=newsletter'); echo "$CLICK"

# 3. Report the lead: the verdict comes back
curl -sS "${url}/postback?key=$KEY&click_id=\${CLICK#*click_id=}&transaction_id=order-1"; echo

Ctrl-C stops it; \`npm run reset\` empties its data.
`;
}
