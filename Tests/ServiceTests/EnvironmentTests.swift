import Testing

/// What the environment says in place of flags.
@Suite struct EnvironmentTests {
  /// No service and no database begin where nothing is refused: `--listen` would be, and nobody answers at the URL.
  private static let commands = [
    "serve": ["serve", "--listen", "nowhere"],
    "migrate": ["migrate", "--database-url", "postgresql://127.0.0.1:1/none"],
  ]

  @Test(arguments: [
    ("serve", "EMC_LOG_LEVEL", "loud", "EMC_LOG_LEVEL is loud; allowed: one of trace, debug, info"),
    ("migrate", "EMC_LOG_LEVEL", "loud", "EMC_LOG_LEVEL is loud; allowed: one of trace, debug, info"),
    ("serve", "EMC_WEBHOOK_ALLOW", "10.0.0.0/8, near", "EMC_WEBHOOK_ALLOW has near; allowed: an address"),
    (
      "serve", "EMC_ALLOWED_ORIGINS", "https://a.example,b.example",
      "EMC_ALLOWED_ORIGINS has b.example; allowed: an origin"
    ),
    ("serve", "EMC_TOKEN_RATE", "few", "EMC_TOKEN_RATE is few; allowed: an integer"),
  ])
  func aVariableIsRefusedByItsOwnName(
    _ command: String, _ variable: String, _ value: String, _ says: String
  ) async throws {
    let refused = try await run(try #require(Self.commands[command]), [variable: value])
    #expect(refused.code == 2 && refused.errors.contains(says), "\(refused.errors)")
  }

  @Test(arguments: [
    ("--webhook-allow", "near", "--webhook-allow has near; allowed: an address"),
    ("--allowed-origin", "b.example", "--allowed-origin has b.example; allowed: an origin"),
  ])
  func aFlagIsRefusedByItsName(_ flag: String, _ value: String, _ says: String) async throws {
    let variables = ["EMC_WEBHOOK_ALLOW": "10.0.0.0/8", "EMC_ALLOWED_ORIGINS": "https://a.example"]
    let refused = try await run(["serve", "--listen", "nowhere", flag, value], variables)
    #expect(refused.code == 2 && refused.errors.contains(says), "\(refused.errors)")
  }

  @Test func whatIsAllowedIsTaken() async throws {
    let variables = [
      "EMC_LOG_LEVEL": "Debug", "EMC_WEBHOOK_ALLOW": "10.0.0.0/8, fd00::/8",
      "EMC_ALLOWED_ORIGINS": "https://a.example, http://[::1]:8080",
    ]
    let refused = try await run(["serve", "--listen", "nowhere"], variables)
    #expect(refused.code == 2 && refused.errors.contains("--listen"), "\(refused.errors)")
  }

  private func run(_ arguments: [String], _ environment: [String: String]) async throws -> ClientTests.Run {
    try await withFolder { folder in
      try await ClientTests.run(
        EMCProcess.binary, arguments,
        environment: ["EMC_DATA_DIRECTORY": folder.path].merging(environment) { $1 }, in: folder)
    }
  }
}
