export { labDown } from './down.js';
export { labEnvironment, labExec } from './exec.js';
export { labStart, labStop, type PowerOptions } from './power.js';
export { labStatus } from './status.js';
export type {
  LabAddress,
  LabBinaries,
  LabClusterRequest,
  LabClusterStatus,
  LabEvent,
  LabEventType,
  LabIstiodStatus,
  LabProcessStatus,
  LabStatus,
  LabUpOptions,
} from './types.js';
export { labUp } from './up.js';
