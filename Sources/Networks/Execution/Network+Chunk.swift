import Compute

extension Network {
  /// Samples that are best run at once where nothing ties them to the others of their batch: as many as let what the
  /// forward pass saves wait in the processor's cache for the backward pass, but not so few that going through the
  /// parameters again for every chunk costs more.
  ///
  /// Sums are made chunk by chunk, so this must depend on the network alone, never on the processor. Its 4 MiB are a
  /// core's share of the last cache of many.
  package var preferredChunk: Int {
    let bytesPerSample = workspaceBytes(capacity: 2) - workspaceBytes(capacity: 1)
    let room = max(4 << 20, 8 * parameterCount * S.bytes)
    return min(max(room / bytesPerSample, 8), 256)
  }
}
