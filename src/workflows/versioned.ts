import { setWorkflowOptions } from '@temporalio/workflow';
import {
  conformanceWatch,
  deliverNotification,
  organizationGate,
  vendAccount,
  vendBatch,
} from './index';

/**
 * The same workflows, for a worker that has a version: what becomes of a run when a new version is
 * rolled out. A bundle of its own, since a server refuses the word of a worker without a version,
 * and then nothing goes on.
 */

// It ends on the version that it began with, or goes on to the new one where it continues as new.
setWorkflowOptions({ versioningBehavior: 'PINNED' }, vendAccount);
setWorkflowOptions({ versioningBehavior: 'PINNED' }, deliverNotification);
// They never end, or late: pinned, they would keep an old worker alive for ever.
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, organizationGate);
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, conformanceWatch);
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, vendBatch);

export * from './index';
