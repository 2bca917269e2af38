import { encryptionFromEnvironment, KEYS_VARIABLE } from '../../../encryption';
import { isLoopback } from '../../temporal';
import { inputsThatRun } from '../../vends/inputs-that-run';
import type { Check, Finding } from '../finding';
import type { Patient } from '../patient';

export const encryptionChecks: Check<Patient>[] = [
  { name: 'encryption', group: 'Temporal', needed: true, run: lookAtEncryption },
];

/** Whether what runs can be read with the keys that are given here; where not, that is thrown. */
async function lookAtEncryption(patient: Patient): Promise<Finding[]> {
  const [codec] = encryptionFromEnvironment(patient.io.env).payloadCodecs;
  const { address, inputs } = await patient.askInNamespace(async (temporal) => ({
    address: temporal.address,
    inputs: await inputsThatRun(temporal.client),
  }));
  await codec.decode(inputs);
  const [first, ...others] = codec.keyIds;
  if (first === undefined) return isLoopback(address) ? [] : [withoutCodec(address)];
  const also = others.length > 0 ? `; ${others.join(', ')} only decrypts` : '';
  return [
    {
      id: 'encryption',
      level: 'ok',
      title: `payloads are encrypted with key ${first}${also}`,
      detail: `${KEYS_VARIABLE}, or its file, gives the keys; what runs now can be read with them.`,
    },
  ];
}

function withoutCodec(address: string): Finding {
  return {
    id: 'payload-codec-missing',
    level: 'warning',
    title: 'histories hold e-mail addresses in clear',
    detail: `Temporal at ${address} is not on this machine, and no keys of a payload codec are given: whoever may read the namespace can read the address and name of every account that is asked for.`,
    fix: `Encrypt them: give worker and commands ${KEYS_VARIABLE} (docs/encryption.md). Or let only those read the namespace who may know the addresses (SECURITY.md).`,
  };
}
