import { z } from 'zod';
import { configOperation } from './config-operation';

const namesInput = z.object({
  ConfigurationRecorderNames: z.array(z.string().min(1).max(256)).optional(),
  ServicePrincipal: z.string().optional(),
  Arn: z.string().optional(),
});

/** No account has a recorder here: whether it has one shows in its packs alone. */
export const describeRecorders = configOperation(namesInput, () => ({
  ConfigurationRecorders: [],
}));

export const describeRecorderStatus = configOperation(namesInput, () => ({
  ConfigurationRecordersStatus: [],
}));
