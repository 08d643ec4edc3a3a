export { historyContract, leaseContract } from './history-contract.js';
export type { HistoryHarness, HistoryTraits, OpenHistory } from './history-harness.js';
export { batchOf, heardOn, publication, publications, seqsOf, wholeRange } from './history-harness.js';
export type { HistoryOperation, HistoryOperations } from './history-operations.js';
export { createHistoryOperations, runHistoryOperation } from './history-operations.js';
export { describeLayerContract } from './layer-contract.js';
export type { Collector, LayerContractOptions, LayerTraits, MakeLayer } from './layer-harness.js';
export { createCollector, createLayers, freshName } from './layer-harness.js';
