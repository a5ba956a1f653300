import Persistence
import Testing
import Training

/// The enumerations of the database against those of training.
@Suite struct ProbeOutcomeTests {
  @Test func bothHaveTheSameNames() {
    #expect(Set(ProbeOutcome.allCases.map(\.rawValue)) == Set(Outcome.allCases.map(\.rawValue)))
    #expect(Set(ProbeVerdict.allCases.map(\.rawValue)) == Set(FailureVerdict.allCases.map(\.rawValue)))
  }
}
