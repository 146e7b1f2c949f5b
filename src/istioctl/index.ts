export { type AnalysisInput, type AnalyzedCluster, analyzeClusters } from './analyze.js';
export { openRenderCache, type RenderCache } from './cache.js';
export { type Istioctl, openIstioctl } from './istioctl.js';
export { type IstioctlSources, istioctlCandidates, noIstioctl, satisfies } from './locate.js';
