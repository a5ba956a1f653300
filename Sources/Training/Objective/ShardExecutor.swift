import Compute
import Networks

/// Runs a pass over every shard and sums what they return in the shards' order. Threads merely execute shards: the
/// sums depend neither on how many there are nor on who ran which.
final class ShardExecutor<S: Scalar> {
  private let parts: SharedParts<S>
  private let team: ThreadTeam?

  init(shards: [Shard<S>], threads: Int) {
    let members = min(threads, shards.count)
    let parts = SharedParts(shards: shards, members: members)
    self.parts = parts
    team = members > 1 ? ThreadTeam(members: members) { parts.perform($0) } : nil
  }

  /// Runs the pass over `samples`; `alone` gives all of it to the first shard.
  func run(_ request: PassRequest<S>, on samples: EpochSamples<S>, alone: Bool) -> BatchSummary {
    let shards = parts.shards
    if alone || shards.count == 1 {
      shards[0].run(request, samples, alone: true)
      return shards[0].summary
    }
    together(.pass(request, samples))
    if request.kind == .gradient { together(.sum) }
    return shards.dropFirst().reduce(into: shards[0].summary) { $0 += $1.summary }
  }

  private func together(_ work: SharedParts<S>.Work) {
    parts.work = work
    if let team {
      team.run(tasks: parts.count)
    } else {
      for task in 0..<parts.count { parts.perform(task) }
    }
    parts.work = nil
  }
}

/// The shards as the team's threads see them: each task touches one shard, and when all are done its own elements of
/// everybody's gradient.
private final class SharedParts<S: Scalar>: @unchecked Sendable {
  enum Work {
    case pass(PassRequest<S>, EpochSamples<S>)
    /// Adds the other shards' gradients to the first's.
    case sum
  }

  let shards: [Shard<S>]
  private let members: Int
  /// Written by the calling thread while the team rests.
  var work: Work?

  init(shards: [Shard<S>], members: Int) {
    self.shards = shards
    self.members = members
  }

  /// The tasks that the work consists of.
  var count: Int {
    switch work {
    case .pass: shards.count
    case .sum: members
    case nil: 0
    }
  }

  func perform(_ task: Int) {
    switch work {
    case .pass(let request, let samples): shards[task].run(request, samples, alone: false)
    case .sum:
      let total = shards[0].gradient
      let elements = task * total.count / members..<(task + 1) * total.count / members
      let sum = total.pointer + elements.lowerBound
      for shard in shards.dropFirst() {
        S.add(elements.count, sum, shard.gradient.pointer + elements.lowerBound, sum)
      }
    case nil: preconditionFailure("a team works when it is given work")
    }
  }
}
