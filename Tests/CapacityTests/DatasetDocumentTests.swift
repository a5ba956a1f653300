import Capacity
import Foundation
import Testing

/// `dataset` in documents: what is recorded of it, with all defaults, is what digests and content addresses are made of.
@Suite struct DatasetDocumentTests {
  /// What is asked for, and the whole of it as it is recorded.
  static let documents: [(asked: String, recorded: String)] = [
    (#"{"name":"mnist"}"#, #"{"name":"mnist"}"#),
    (#"{"name":"fashion_mnist"}"#, #"{"name":"fashion_mnist"}"#),
    (#"{"name":"tiny_imagenet"}"#, #"{"name":"tiny_imagenet"}"#),
    (#"{"name":"cifar100"}"#, #"{"labels":"fine","name":"cifar100"}"#),
    (#"{"name":"cifar100","labels":"coarse"}"#, #"{"labels":"coarse","name":"cifar100"}"#),
    (#"{"name":"covertype"}"#, #"{"name":"covertype","test_fraction":0}"#),
    (#"{"name":"credit","test_fraction":0.25}"#, #"{"name":"credit","test_fraction":0.25}"#),
    (#"{"name":"emnist"}"#, #"{"name":"emnist","split":"balanced"}"#),
    (
      #"{"name":"california_housing"}"#,
      #"{"classes":10,"name":"california_housing","test_fraction":0}"#
    ),
    (#"{"name":"medmnist","part":"octmnist"}"#, #"{"name":"medmnist","part":"octmnist","size":28}"#),
    (#"{"name":"gaussian","dimensions":7}"#, #"{"classes":2,"dimensions":7,"name":"gaussian"}"#),
    (
      #"{"name":"prototypes"}"#,
      #"{"channels":1,"classes":10,"difficulty":1,"height":28,"name":"prototypes","width":28}"#
    ),
    (#"{"name":"teacher"}"#, #"{"classes":2,"dimensions":100,"hidden":32,"name":"teacher"}"#),
  ]

  @Test(arguments: documents) func whatIsRecordedHasAllDefaults(asked: String, recorded: String) throws {
    func read(_ dataset: String) throws -> MeasurementSpecification {
      try MeasurementSpecification(
        json: JSONValue(parsing: #"{"dataset":\#(dataset),"model":{"kind":"linear"}}"#.utf8))
    }
    let specification = try read(asked)
    let dataset = try #require(specification.json["dataset"])
    #expect(dataset.text() == recorded)
    // Reading it again is reading the same.
    #expect(try read(recorded) == specification)
    #expect(try MeasurementSpecification(recorded: specification.json).json == specification.json)
  }

  /// A size between those that there are is refused by its name.
  @Test func whatIsNotPublishedIsRefused() throws {
    let text = #"{"dataset":{"name":"medmnist","part":"octmnist","size":32},"model":{"kind":"linear"}}"#
    let error = #expect(throws: SpecificationError.self) {
      _ = try MeasurementSpecification(json: JSONValue(parsing: text.utf8))
    }
    let faults = try #require(error).faults
    #expect(faults.map(\.pointer) == ["/dataset/size"])
    #expect(faults.first?.allowed == "one of 28, 64, 128, 224")
    #expect(faults.first?.detail == "is not published")
  }
}
