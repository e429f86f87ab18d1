import { KMSClient } from '@aws-sdk/client-kms';
import type { Signer } from '../../domain/ports/signer.ts';
import { createKmsSigner } from '../aws/kms-signer.ts';
import { optionalSetting } from '../system/settings.ts';

/** Signs with this environment's key where the function has it; verifies. */
export const ownSigner = (): Signer => createKmsSigner(new KMSClient({}), optionalSetting('SLUICE_SIGNING_KEY'));
