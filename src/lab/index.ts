export { labDown } from './down.js';
export { labEnvironment, labExec, shellCommand } from './exec.js';
export { labStart, labStop, type PowerOptions } from './power.js';
export { labStatus } from './status.js';
export type {
  LabAddress,
  LabClusterRequest,
  LabClusterStatus,
  LabEvent,
  LabEventType,
  LabIstiodStatus,
  LabLevel,
  LabProcessStatus,
  LabStatus,
  LabUpOptions,
  Level1UpOptions,
  Level2UpOptions,
} from './types.js';
export { labUp } from './up.js';
