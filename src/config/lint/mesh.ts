import type { MeshSource } from '../resolve/mesh-source.js';
import { checkCallers } from './callers.js';
import { checkFailoverTargets } from './failover-target.js';
import { checkHeadless } from './headless.js';
import { checkInjection } from './injection.js';
import type { MeshView } from './mesh-view.js';
import { checkPorts } from './ports.js';
import { checkRouteOrder } from './route-order.js';
import { checkSeparatePrimaries } from './separate-primaries.js';
import { checkServices } from './services.js';

/** Reports what mesh.yaml and its manifests together would not do as they mean it. */
export function lintMesh(source: MeshSource, view: MeshView): void {
  checkServices(view, source.findings);
  checkPorts(source, view);
  checkHeadless(source, view);
  checkCallers(source, view);
  checkSeparatePrimaries(source, view);
  checkInjection(source, view);
  checkFailoverTargets(source, view);
  checkRouteOrder(source);
}
