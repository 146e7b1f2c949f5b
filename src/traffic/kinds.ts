import type { ApiResource } from '../model/kube.js';

const resource = (apiVersion: string, kind: string, plural: string, namespaced = true): ApiResource => ({
  apiVersion,
  kind,
  plural,
  namespaced,
  verbs: [],
});

/** The few kinds of a test. Every cluster with Istio serves them, so no discovery is needed. */
export const KINDS = {
  Namespace: resource('v1', 'Namespace', 'namespaces', false),
  Node: resource('v1', 'Node', 'nodes', false),
  Pod: resource('v1', 'Pod', 'pods'),
  Service: resource('v1', 'Service', 'services'),
  ServiceAccount: resource('v1', 'ServiceAccount', 'serviceaccounts'),
  Deployment: resource('apps/v1', 'Deployment', 'deployments'),
  DestinationRule: resource('networking.istio.io/v1', 'DestinationRule', 'destinationrules'),
  VirtualService: resource('networking.istio.io/v1', 'VirtualService', 'virtualservices'),
} as const;
