import Foundation

/// The reports of a job's finished probes. All of them may be gigabytes: their places are read first, then a batch at a time.
extension JobStore {
  /// Where the reports are, in the order in which a result has them: by size, replicate, guard and kind. Those of a race that
  /// chose the procedure are left out: they are no part of what was measured.
  package func reportPlaces(of id: UUID) async throws -> [Int64] {
    var places: [ReportPlace] = []
    while true {
      let last: Int64 = places.last?.position ?? 0
      let batch = try await database.query(ReportStatements.places, id, last, Self.placesAtOnce) { row in
        try ReportPlace(row)
      }
      places += batch
      if batch.count < Self.placesAtOnce { break }
    }
    return places.sorted { $0.order < $1.order }.map(\.position)
  }

  /// The reports at some places, JSON texts as they were reported, in the places' order; nil where they are not all there,
  /// since the job was deleted.
  package func reports(of id: UUID, at places: [Int64]) async throws -> [String]? {
    var reports: [String] = []
    while reports.count < places.count {
      let batch = Array(places[reports.count...].prefix(Self.reportsAtOnce))
      let rows = try await database.query(ReportStatements.reports, id, batch) { row in
        (try row.value("position", as: Int64.self), try row.value("report", as: String.self))
      }
      let found = Dictionary(rows) { first, _ in first }
      guard found.count == batch.count else { return nil }
      reports += batch.compactMap { found[$0] }
    }
    return reports
  }

  /// So many are read well within the time of a statement.
  private static let placesAtOnce = 10_000
  private static let reportsAtOnce = 200
}

/// Where a report is, and what its place in a result follows from.
private struct ReportPlace: Sendable {
  let position: Int64
  /// Size, replicate, guard, kind and position.
  let order: (Int, Int, Int, Int, Int64)

  init(_ row: Row) throws(DatabaseError) {
    position = try row.value("position")
    let samples = try row.value("samples", as: Int.self)
    let replicate = try row.value("replicate", as: Int.self)
    let maxSteps = try row.value("guard", as: Int.self)
    let kind = try row.value("kind", as: ProbeKind.self) == .training ? 0 : 1
    order = (samples, replicate, maxSteps, kind, position)
  }
}

private enum ReportStatements {
  static let places = Statement(
    "find the reports of a job's probes",
    """
    SELECT link.position, samples, replicate, guard, kind
    FROM job_probes link JOIN probes USING (digest)
    WHERE link.job_id = $1::uuid AND link.position > $2::bigint AND link.ended_as = 'finished'
      AND NOT replicate BETWEEN \(Replicates.ofRaces.lowerBound) AND \(Replicates.ofRaces.upperBound - 1)
    ORDER BY link.position LIMIT $3::bigint
    """)

  static let reports = Statement(
    "read reports of a job's probes",
    """
    SELECT link.position, report
    FROM job_probes link JOIN probes USING (digest)
    WHERE link.job_id = $1::uuid AND link.position = ANY ($2::bigint[]) AND link.ended_as = 'finished'
    """)
}
