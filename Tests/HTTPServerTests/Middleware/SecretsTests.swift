import HTTPServer
import Testing

/// Nothing that looks like a token is repeated.
@Suite struct SecretsTests {
  private let token = "emc_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE"

  @Test func tokensAreCutShort() {
    #expect(Secrets.redacted("a \(token) b \(token).") == "a emc_… b emc_….")
    #expect(Secrets.redacted("/v1/jobs?access_token=\(token)&x=1") == "/v1/jobs?access_token=emc_…&x=1")
    // Half of one is too much still.
    #expect(
      Secrets.redacted("\(token.prefix(30)) and much more of what may stand behind it").hasPrefix("emc_… "))
  }

  @Test func whatIsNoneStays() {
    for text in ["emc_session", "emc", "", "emc_results, emc_probes", "ümlaut emc_"] {
      #expect(Secrets.redacted(text) == text)
    }
  }

  @Test func noProblemRepeatsOne() async throws {
    var router = Router()
    router.on(.get, "/things", parameters: []) { _ in .text("") }
    for target in ["/things?token=\(token)", "/\(token)"] {
      let response = await router.respond(to: try HTTPRequest(method: .get, target: target))
      guard case .bytes(let bytes) = response.body else {
        Issue.record("no content")
        return
      }
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(!text.contains("AbCdEf") && text.contains("emc_…"), "\(text)")
    }
  }
}
