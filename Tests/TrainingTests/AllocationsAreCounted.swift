import CAllocations
import Testing

extension Trait where Self == ConditionTrait {
  /// Where the C library isn't glibc, nothing is counted.
  static var allocationsAreCounted: Self {
    ConditionTrait.enabled(if: emc_counts_allocations() == 1, "allocations aren't counted on this system")
  }
}
