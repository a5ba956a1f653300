import Capacity
import Datasets
import Foundation

/// A linear model on 10 inputs and two classes, with these members beside.
func linearAdmission(_ members: String) throws -> Admission {
  try Admission(
    json: JSONValue(
      parsing:
        #"{"dataset": {"name": "gaussian", "dimensions": 10}, "model": {"kind": "linear"}, \#(members)}"#
        .utf8), memoryLimit: 1 << 30)
}

/// What it measures.
func linearResult(_ admission: Admission) throws -> JSONValue {
  let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)
  let measured = try LocalMeasurement(specification: admission.specification, library: library, workers: 2)
    .run()
  return measured.result.json(withProbes: measured.probes)
}
