import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('says in one sentence that there are no credentials', () => {
  const { AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['infra/tools/operator-key.ts', '--stage', 'test'], {
    env: { ...env, AWS_REGION: 'eu-central-1', AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nonexistent' },
    encoding: 'utf8',
  });
  expect({ status, stdout, lines: stderr.trim().split('\n').length }).toEqual({ status: 1, stdout: '', lines: 1 });
  expect(stderr).toContain('credentials');
});
