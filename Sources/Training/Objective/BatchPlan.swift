import Compute
import Networks

/// How a training set is cut: into the batches of an epoch, a batch into the parts of its shards, a part into
/// chunks that one workspace holds. Depends on the specification alone, and so do the sums made along it.
package struct BatchPlan: Sendable, Hashable {
  /// Samples in all.
  package let samples: Int
  /// The batches of an epoch.
  package let epoch: BatchPartition
  /// The most samples in a batch.
  private let size: Int
  private let lastBatch: LastBatch
  /// Parts of a batch.
  package let shards: Int
  /// Samples that a workspace holds at once.
  package let capacity: Int
  /// Samples that are run at once where statistics don't tie them together: in every pass, or in evaluation alone.
  package let chunk: Int
  /// Whether statistics are taken over a batch, so that a part must not be cut further.
  package let normalizesBatches: Bool

  /// The plan of `samples` samples for `network` under `procedure`.
  package init<S: Scalar>(samples: Int, network: Network<S>, procedure: Procedure) {
    self.samples = samples
    normalizesBatches = network.hasStatistics
    let isFull = procedure.optimizer.needsFullBatch || procedure.batchSize == .full
    var size = samples
    if case .size(let given) = procedure.batchSize, !isFull { size = given }
    epoch = BatchPartition(samples: samples, size: size, last: procedure.lastBatch)
    self.size = size
    lastBatch = procedure.lastBatch
    let batch = epoch.longest
    shards = Self.parts(of: batch, shards: procedure.shards, normalizesBatches)
    let part = (batch + shards - 1) / shards
    let wanted = normalizesBatches ? part : max(part, min((samples + shards - 1) / shards, 128))
    // Chunks of even length: a short last one would be all overhead.
    let limit = network.preferredChunk
    let chunks = (wanted + limit - 1) / limit
    chunk = (wanted + chunks - 1) / chunks
    capacity = normalizesBatches ? part : chunk
  }

  /// Whether every step uses all samples.
  package var isFull: Bool { epoch.longest == samples }

  /// The fixed batches of passes over `samples` samples, where statistics are taken over a batch. Every sample belongs
  /// to one, whatever an epoch drops.
  func fixedPartition(of samples: Int) -> BatchPartition {
    BatchPartition(samples: samples, size: size, last: lastBatch == .drop ? .balanced : lastBatch)
  }

  /// Parts that so many samples are cut into: where statistics are taken of each, of two samples or more, as those of one say
  /// nothing of its inputs.
  private static func parts(of count: Int, shards: Int, _ normalizesBatches: Bool) -> Int {
    max(1, min(shards, normalizesBatches ? count / 2 : count))
  }

  /// The part of `range` that falls to shard `index`; empty where there are fewer parts.
  func part(_ range: Range<Int>, shard index: Int) -> Range<Int> {
    let shards = normalizesBatches ? Self.parts(of: range.count, shards: shards, true) : shards
    guard index < shards else { return range.upperBound..<range.upperBound }
    let start = range.lowerBound + range.count * index / shards
    let end = range.lowerBound + range.count * (index + 1) / shards
    return start..<end
  }
}
