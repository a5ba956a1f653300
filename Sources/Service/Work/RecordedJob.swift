import Capacity
import Foundation
import Persistence

extension JobAdmission {
  /// The columns of what a measurement was admitted with.
  init(_ terms: MeasurementTerms) {
    self.init(
      sampleLimit: terms.dataset?.sampleLimit, memoryLimitSamples: terms.memoryLimit,
      shape: JSONValue.array(terms.form.sizes.map(JSONValue.integer)).text(), classes: terms.form.classes,
      parameterCount: terms.parameterCount)
  }
}

/// A job as its row has it: the document decoded, and what it was admitted with. Nothing but the row is looked at.
struct RecordedJob: Sendable {
  let specification: MeasurementSpecification
  /// What it was admitted with; nil where the row doesn't say (it was submitted before rows did).
  let terms: MeasurementTerms?

  /// - Throws: `SpecificationError`, `JSONSyntaxError` where the document is none of this program's.
  init(_ job: JobRecord) throws {
    specification = try MeasurementSpecification(recorded: JSONValue(parsing: job.specification.utf8))
    terms = MeasurementTerms(job)
  }

  /// What its document says beyond the defaults.
  var essential: JSONValue { specification.essential(on: terms?.form) }

  /// What the job does next; nil as long as something of it isn't known.
  var plan: MeasurementPlan? { terms.flatMap { MeasurementPlan(specification: specification, terms: $0) } }
}

extension MeasurementTerms {
  fileprivate init?(_ job: JobRecord) {
    let admission = job.admission
    guard let classes = admission.classes, let parameterCount = admission.parameterCount,
      let shape = admission.shape.flatMap({ try? JSONValue(parsing: $0.utf8) })?.arrayValue,
      let form = DataForm(sizes: shape.compactMap(\.integerValue), classes: classes)
    else { return nil }
    var dataset: PinnedDataset?
    if let digest = job.datasetDigest, let sampleLimit = admission.sampleLimit {
      dataset = PinnedDataset(digest: digest, sampleLimit: sampleLimit)
    }
    self.init(
      form: form, parameterCount: parameterCount, memoryLimit: admission.memoryLimitSamples, dataset: dataset)
  }
}
