import HTTPServer
import Testing

/// What no input can cause stops the program where the mistake was made.
@Suite struct ProgrammerMistakeTests {
  @Test("Two handlers for one method and template")
  func ambiguousRoutes() async {
    await #expect(processExitsWith: .failure) {
      var router = Router()
      router.on(.get, "/jobs/{id}") { _ in .text("") }
      router.on(.get, "/jobs/{name}") { _ in .text("") }
    }
  }

  @Test(
    "A template without its slash, with an empty segment, with a brace inside a segment, with a name twice")
  func templates() async {
    await #expect(processExitsWith: .failure) {
      var router = Router()
      router.on(.get, "jobs") { _ in .text("") }
    }
    await #expect(processExitsWith: .failure) {
      var router = Router()
      router.on(.get, "/jobs//probes") { _ in .text("") }
    }
    await #expect(processExitsWith: .failure) {
      var router = Router()
      router.on(.get, "/jobs-{id}") { _ in .text("") }
    }
    await #expect(processExitsWith: .failure) {
      var router = Router()
      router.on(.get, "/a/{id}/b/{id}") { _ in .text("") }
    }
  }

  @Test("A header in the source with a line end in its value")
  func literals() async {
    await #expect(processExitsWith: .failure) {
      let headers: HTTPHeaders = ["Location": "/\r\nSet-Cookie: a"]
      print(headers.count)
    }
  }
}
