import FlyingFox
import Foundation

// The answer of emc's /livez, from the server that FlyingFox brings along.
let port = CommandLine.arguments.dropFirst().first.flatMap(UInt16.init) ?? 8081
let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: port), logger: .disabled)
let content = Data(#"{"status":"ok"}"#.utf8)
await server.appendRoute("GET /livez") { _ in
  HTTPResponse(statusCode: .ok, headers: [.contentType: "application/json"], body: content)
}
// The same without content, which FlyingFox writes apart from the header: over loopback that waits for a delayed acknowledgement.
await server.appendRoute("GET /empty") { _ in HTTPResponse(statusCode: .ok) }
try await server.run()
