import { createHash } from 'node:crypto';
import { messageOf } from '../../errors/index.js';
import type { KubeObject } from '../../model/kube.js';
import type { LabIstiodStatus } from '../types.js';
import { type IstiodLaunch, type IstiodPod, istiodContainer, istiodLaunch } from './istiod-launch.js';
import { type IstiodRequest, type RunningIstiod, runIstiod } from './istiod-process.js';
import type { Backend } from './routes.js';

type Fixed = Pick<IstiodRequest, 'lab' | 'cluster' | 'layout' | 'api' | 'binary' | 'onChange' | 'log'>;

/** The pods of one ReplicaSet and the process that they should have. */
interface Wanted {
  namespace: string;
  replicaSet: string;
  pods: IstiodPod[];
  /** The pod that the process lives as. */
  leader: IstiodPod;
  launch: IstiodLaunch;
  serviceAccount: string;
  cacerts: Record<string, string> | undefined;
  /** Changes whenever the process must be started anew. */
  digest: string;
}

interface Entry {
  wanted: Wanted;
  istiod: RunningIstiod | undefined;
  /** A start or an end that goes on; nothing else is done to this entry meanwhile. */
  busy: boolean;
}

/**
 * Keeps one real istiod for each ReplicaSet whose pods are labelled `app=istiod`. It lives as one of them
 * (the oldest, as long as that is there), with its environment, arguments and name, and stands for all.
 * So a change of the Deployment brings a new ReplicaSet and with it a new process, beside the old one
 * until the rollout is over.
 */
export class IstiodFollower {
  private readonly entries = new Map<string, Entry>();
  private ended = false;

  constructor(private readonly fixed: Fixed) {}

  /** Brings the processes in line with the pods and the `cacerts` Secrets; called after every change. */
  reconcile(pods: KubeObject[], secrets: KubeObject[]): void {
    if (this.ended) return;
    const leaders = new Set([...this.entries.values()].map(({ wanted }) => wanted.leader.metadata.uid ?? ''));
    const wanted = wantedIstiods(pods as IstiodPod[], secrets, leaders);
    for (const [key, item] of wanted) {
      const entry = this.entries.get(key);
      if (!entry) this.start(key, { wanted: item, istiod: undefined, busy: false });
      else if (entry.wanted.digest === item.digest) entry.wanted = item;
      else if (!entry.busy) this.remove(key, entry, 'its pod or its CA changed');
    }
    for (const [key, entry] of this.entries) {
      if (!wanted.has(key) && !entry.busy) this.remove(key, entry, 'it has no pods any more');
    }
  }

  backends(): Backend[] {
    return [...this.entries.values()].flatMap(({ wanted, istiod }) =>
      istiod ? [{ ...wanted, ready: istiod.ready, ports: istiod.ports }] : [],
    );
  }

  /** Whether the pod's istiod serves, and how often it was started again. */
  stateOf(pod: KubeObject): { ready: boolean; restarts: number } {
    const entry = [...this.entries.values()].find(({ wanted }) =>
      wanted.pods.some((item) => item.metadata.uid === pod.metadata.uid),
    );
    return { ready: entry?.istiod?.ready ?? false, restarts: entry?.istiod?.restarts ?? 0 };
  }

  status(): LabIstiodStatus[] {
    return [...this.entries.values()].map(({ wanted, istiod }) => ({
      namespace: wanted.namespace,
      replicaSet: wanted.replicaSet,
      revision: wanted.launch.env.REVISION ?? '',
      pid: istiod?.pid ?? null,
      ready: istiod?.ready ?? false,
      restarts: istiod?.restarts ?? 0,
    }));
  }

  async end(how: 'asked' | 'killed'): Promise<void> {
    this.ended = true;
    await Promise.all([...this.entries.values()].map(({ istiod }) => istiod?.end(how)));
    this.entries.clear();
  }

  private start(key: string, entry: Entry): void {
    this.entries.set(key, entry);
    this.whileBusy(entry, async () => {
      const istiod = await runIstiod({ ...this.fixed, ...entry.wanted });
      if (this.ended) await istiod.end('killed');
      else entry.istiod = istiod;
    });
  }

  /** Where pods are still there, the next reconciliation starts another process for them. */
  private remove(key: string, entry: Entry, why: string): void {
    this.fixed.log(`istiod of ${entry.wanted.replicaSet} ends: ${why}`);
    this.whileBusy(entry, async () => {
      await entry.istiod?.end('asked');
      this.entries.delete(key);
    });
  }

  private whileBusy(entry: Entry, work: () => Promise<void>): void {
    entry.busy = true;
    work()
      .catch((error: unknown) => this.fixed.log(`istiod of ${entry.wanted.replicaSet}: ${messageOf(error)}`))
      .finally(() => {
        entry.busy = false;
        this.fixed.onChange();
      });
  }
}

/** Groups the running pods by ReplicaSet. `leaders` are the pods that processes live as now. */
function wantedIstiods(pods: IstiodPod[], secrets: KubeObject[], leaders: Set<string>): Map<string, Wanted> {
  const groups = new Map<string, IstiodPod[]>();
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp || pod.status?.phase !== 'Running' || !istiodContainer(pod)) continue;
    const key = `${pod.metadata.namespace}/${ownerOf(pod)}`;
    groups.set(key, [...(groups.get(key) ?? []), pod]);
  }
  const wanted = new Map<string, Wanted>();
  for (const [key, group] of groups) {
    const sorted = group.sort(byAge);
    const leader = sorted.find((pod) => leaders.has(pod.metadata.uid ?? '')) ?? sorted[0];
    if (leader) wanted.set(key, wantedIstiod(leader, sorted, secrets));
  }
  return wanted;
}

function wantedIstiod(leader: IstiodPod, pods: IstiodPod[], secrets: KubeObject[]): Wanted {
  const namespace = leader.metadata.namespace ?? '';
  const secret = secrets.find((item) => item.metadata.namespace === namespace);
  const cacerts = secret?.data as Record<string, string> | undefined;
  return {
    namespace,
    replicaSet: ownerOf(leader),
    pods,
    leader,
    launch: istiodLaunch(leader),
    serviceAccount: leader.spec.serviceAccountName ?? 'default',
    cacerts,
    // What a container is started with never changes in a pod's life, so the pod stands for all of it.
    digest: createHash('sha256')
      .update(JSON.stringify([leader.metadata.uid, cacerts]))
      .digest('hex'),
  };
}

function ownerOf(pod: IstiodPod): string {
  const owners = (pod.metadata.ownerReferences ?? []) as { controller?: boolean; name: string }[];
  return owners.find((owner) => owner.controller)?.name ?? pod.metadata.name;
}

function byAge(a: IstiodPod, b: IstiodPod): number {
  const created = (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '');
  return created || a.metadata.name.localeCompare(b.metadata.name);
}
