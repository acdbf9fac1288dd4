/** Names of the parameters with the secrets of a deployment, below its prefix. */
export const SECRET_NAMES = {
  clickIdKeys: 'click-id-keys',
  leadIdPepper: 'lead-id-pepper',
  contactDataKey: 'contact-data-key',
  receiptKeys: 'receipt-keys',
} as const;

export type SecretName = (typeof SECRET_NAMES)[keyof typeof SECRET_NAMES];
