import Capacity
import Datasets
import Foundation
import Testing

/// What a large common part of a column's numbers does to a measurement: nothing.
@Suite("Numbers with a large common part")
struct SeparableTimesTests {
  /// Two classes that a threshold tells apart; a linear network fits all 60.
  @Test(arguments: [0, 1_700_000_000]) func areToldApartAsTheirDifferencesAre(offset: Int) throws {
    let here = try TemporaryLibrary()
    let text = "t,k\n" + (0..<60).map { "\(offset + $0),\($0 < 30 ? "early" : "late")\n" }.joined()
    try here.add("times", text)
    let specification = try here.read(
      #"{"name": "times"}"#,
      rest: """
        , "training": {"optimizer": {"kind": "lbfgs"}, "batch_size": "full", "precision": "double", "max_steps": 3000}
        """)
    let probe = try #require(
      try LocalMeasurement(specification: specification, library: here.library, workers: 1)
        .run(sizes: [60], replicates: 1).first
    ).json
    #expect(probe["outcome"] == .string("fit"))
  }
}
