import Compute
import Networks

/// How a training set is cut: into the batches of an epoch, a batch into the parts of its shards, a part into
/// chunks that one workspace holds. Depends on the specification alone, and so do the sums made along it.
public struct BatchPlan: Sendable, Hashable {
  /// Samples in all.
  public let samples: Int
  /// Samples in a step's batch; the last of an epoch may be smaller.
  public let batch: Int
  /// Parts of a batch.
  public let shards: Int
  /// Samples that a workspace holds at once.
  public let capacity: Int
  /// Samples that are run at once where statistics don't tie them together: in every pass, or in evaluation alone.
  public let chunk: Int
  /// Whether statistics are taken over a batch, so that a part must not be cut further.
  public let normalizesBatches: Bool

  /// The plan of `samples` samples for `network` under `procedure`.
  public init<S: Scalar>(samples: Int, network: Network<S>, procedure: Procedure) {
    self.samples = samples
    normalizesBatches = network.hasStatistics
    let isFull = procedure.optimizer.needsFullBatch || procedure.batchSize == .full
    if case .size(let size) = procedure.batchSize, !isFull {
      batch = min(size, samples)
    } else {
      batch = samples
    }
    shards = max(1, min(procedure.shards, batch))
    let part = (batch + shards - 1) / shards
    let wanted = normalizesBatches ? part : max(part, min((samples + shards - 1) / shards, 128))
    // Chunks of even length: a short last one would be all overhead.
    let limit = network.preferredChunk
    let chunks = (wanted + limit - 1) / limit
    chunk = (wanted + chunks - 1) / chunks
    capacity = normalizesBatches ? part : chunk
  }

  /// Whether every step uses all samples.
  public var isFull: Bool { batch == samples }

  /// The part of `range` that falls to shard `index`.
  func part(_ range: Range<Int>, shard index: Int) -> Range<Int> {
    let start = range.lowerBound + range.count * index / shards
    let end = range.lowerBound + range.count * (index + 1) / shards
    return start..<end
  }
}
