import Compute
import Foundation
import Networks
import Synchronization

/// Runs a pass over every shard and sums what they return in the shards' order. Threads merely execute shards:
/// shard i is run by thread i mod threads, and the sums don't depend on how many there are.
final class ShardExecutor<S: Scalar> {
  private let shards: [Shard<S>]
  private let source: SampleSource<S>
  private let team: ThreadTeam?
  private let box: RequestBox<S>

  init(shards: [Shard<S>], source: SampleSource<S>, threads: Int) {
    self.shards = shards
    self.source = source
    let box = RequestBox<S>()
    self.box = box
    let members = min(threads, shards.count)
    if members > 1 {
      let parts = SharedParts(shards: shards, source: source, box: box)
      team = ThreadTeam(members: members) { member in
        parts.run(from: member, stride: members)
      }
    } else {
      team = nil
    }
  }

  /// Runs the pass; `alone` gives all of it to the first shard.
  func run(_ request: PassRequest<S>, alone: Bool = false) -> BatchSummary {
    if alone || shards.count == 1 {
      shards[0].run(request, source, alone: true)
      return shards[0].summary
    }
    if let team {
      box.request = request
      team.run()
      box.request = nil
    } else {
      for shard in shards { shard.run(request, source, alone: false) }
    }
    var summary = shards[0].summary
    for shard in shards.dropFirst() {
      summary += shard.summary
      if request.kind == .gradient {
        let total = shards[0].gradient
        S.add(total.count, total.pointer, shard.gradient.pointer, total.pointer)
      }
    }
    return summary
  }
}

/// The pass under way, written by the calling thread before the team starts and read by the team alone.
private final class RequestBox<S: Scalar>: @unchecked Sendable {
  var request: PassRequest<S>?
}

/// The shards as the team's threads see them: each thread touches its own.
private final class SharedParts<S: Scalar>: @unchecked Sendable {
  private let shards: [Shard<S>]
  private let source: SampleSource<S>
  private let box: RequestBox<S>

  init(shards: [Shard<S>], source: SampleSource<S>, box: RequestBox<S>) {
    self.shards = shards
    self.source = source
    self.box = box
  }

  func run(from first: Int, stride step: Int) {
    guard let request = box.request else { return }
    var index = first
    while index < shards.count {
      shards[index].run(request, source, alone: false)
      index += step
    }
  }
}
