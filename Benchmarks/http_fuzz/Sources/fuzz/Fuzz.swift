import Foundation
import HTTPServer

/// Small, so that inputs of a few hundred bytes reach every one of them.
private let limits: HTTPLimits = {
  var limits = HTTPLimits()
  limits.requestLineBytes = 120
  limits.headerBytes = 200
  limits.headerCount = 8
  limits.chunkExtensionBytes = 30
  return limits
}()

/// A fault of the parser; the input is kept by libFuzzer.
private func fail(_ rule: String) -> Never { fatalError("the parser breaks a rule: \(rule)") }

/// One stream of bytes: what the parser makes of it doesn't depend on how it is split, and what handlers rely on holds.
private func test(_ bytes: [UInt8]) {
  let whole = ParsedStream(bytes, limits: limits)
  // The places of the cuts are the input's own: the same input is cut alike in every run.
  var places: Set<Int> = [0, bytes.count]
  var state = bytes.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
  for _ in 0..<Int(state % 6) {
    state = state &* 6_364_136_223_846_793_005 &+ 1
    places.insert(Int(state >> 33) % (bytes.count + 1))
  }
  let cuts = places.sorted()
  let pieces = zip(cuts, cuts.dropFirst()).map { bytes[$0..<$1] }
  if ParsedStream(pieces, limits: limits) != whole { fail("another result in pieces") }
  // The dearest way, for one input in eight.
  if state >> 61 == 0, ParsedStream.byteByByte(bytes, limits: limits) != whole {
    fail("another result byte by byte")
  }
  for request in whole.requests {
    if (request.segments + request.query + [request.target]).contains(where: { $0.utf8.contains(0) }) {
      fail("a zero byte in the target")
    }
    if request.segments.contains("..") { fail("a segment leads upwards") }
    for field in request.headers where field.value.text.utf8.contains(where: { [0, 10, 13].contains($0) }) {
      fail("a line's end in a field")
    }
    if request.isComplete, let length = request.headers[.contentLength], Int(length) != request.body.count {
      fail("a body of another length than its field says")
    }
  }
}

/// libFuzzer's entry: one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  test(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

/// libFuzzer's driver, from the runtime that `-sanitize=fuzzer` links.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The package manager links an executable's `main` under this name, and libFuzzer's own gives way to it.
@_cdecl("fuzz_main")
public func fuzzMain(
  _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  var (count, arguments) = (count, arguments)
  return runDriver(&count, &arguments) { testOneInput($0, $1) }
}
