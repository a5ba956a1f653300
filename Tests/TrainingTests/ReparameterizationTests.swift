import Compute
import Networks
import Testing
import Training

@Suite("Random subspaces and quantised parameters")
struct ReparameterizationTests {
  private func normals(_ count: Int, _ index: Int) -> Buffer<Double> {
    var stream = RandomStream(seed: 4, purpose: .perturbation, index: index)
    return Buffer((0..<count).map { _ in stream.normal() })
  }

  @Test("the projection is linear, its transpose is its adjoint", arguments: [(1, 7), (5, 64), (48, 1000)])
  func adjoint(dimension: Int, parameters: Int) {
    let map = FastfoodSubspace(
      dimension: dimension, origin: Buffer<Double>(count: parameters), key: Problems.key(9))
    let z = normals(dimension, 1)
    let g = normals(parameters, 2)
    let pz = Buffer<Double>(count: parameters)
    let pg = Buffer<Double>(count: dimension)
    map.pushForward(z, into: pz)
    map.pullBack(g, into: pg)
    let left = Double.dot(parameters, pz.pointer, g.pointer)
    let right = Double.dot(dimension, z.pointer, pg.pointer)
    #expect(abs(left - right) <= 1e-12 * max(1, abs(left)))
  }

  @Test("the columns have unit length and are nearly orthogonal")
  func columns() {
    let (dimension, parameters) = (64, 20_000)
    let map = FastfoodSubspace(
      dimension: dimension, origin: Buffer<Double>(count: parameters), key: Problems.key(9))
    let columns = (0..<dimension).map { i in
      let unit = Buffer<Double>(count: dimension)
      unit[i] = 1
      let column = Buffer<Double>(count: parameters)
      map.pushForward(unit, into: column)
      return column
    }
    for i in 0..<dimension {
      #expect(abs(Double.norm(parameters, columns[i].pointer) - 1) < 0.02)
      for j in 0..<i {
        // The products of independent random columns spread by 1/√parameters = 0.007.
        #expect(abs(Double.dot(parameters, columns[i].pointer, columns[j].pointer)) < 0.045)
      }
    }
  }

  @Test("training in a subspace starts where the whole network does and has as many variables as asked")
  func training() throws {
    let data = Problems.gaussian(samples: 40, dimensions: 10)
    let architecture = Architecture.mlp(MultilayerPerceptron(hidden: [30]))
    let procedure = Procedure.with {
      $0.reparameterization = .subspace(dimension: 120)
      $0.learningRate = .fixed(0.5)
    }
    let report = try outcome(architecture, data, procedure)
    #expect(report.variableCount == 120)
    #expect(report.outcome == .fit)
    // Too few dimensions for 200 random labels: it can't fit, and ends at a minimum in the subspace.
    let narrow = try outcome(
      architecture, Problems.gaussian(samples: 200, dimensions: 10),
      .with {
        $0.reparameterization = .subspace(dimension: 4)
        $0.optimizer = .lbfgs()
        $0.precision = .double
        $0.maxSteps = 2000
        $0.convergence.lossWindow = 20
      })
    #expect(narrow.variableCount == 4)
    #expect(narrow.outcome == .minimum || narrow.outcome == .budget)
    if let curvature = narrow.curvature { #expect(curvature.steps <= 4) }
  }

  @Test("a subspace of one dimension for each parameter, zero at the start")
  func origin() throws {
    let data = Problems.gaussian(samples: 30, dimensions: 5)
    let architecture = Architecture.linear
    func start(_ reparameterization: Reparameterization) throws -> Double {
      try outcome(
        architecture, data,
        .with {
          $0.precision = .double
          $0.reparameterization = reparameterization
          $0.learningRate = .fixed(1e-300)
          $0.maxSteps = 1
        }
      ).loss
    }
    #expect(abs(try start(.subspace(dimension: 12)) - start(.none)) <= 1e-12)
  }

  @Test("2^bits levels at most, each within half a level", arguments: 1...16)
  func levels(bits: Int) {
    let count = 5000
    let latent = normals(count, 3)
    let quantized = Buffer<Double>(count: count)
    let map = QuantizedParameters(bits: bits, tensors: [0..<count], start: latent)
    map.materialize(latent, into: quantized)
    let values = Set(quantized.array)
    #expect(values.count <= 1 << bits)
    if bits == 1 {
      let mean = latent.array.reduce(0) { $0 + abs($1) } / Double(count)
      #expect(values.count == 2)
      for i in 0..<count { #expect(abs(quantized[i] - (latent[i] < 0 ? -mean : mean)) < 1e-12) }
    } else {
      let scale = latent.array.map(abs).max()! / Double((1 << (bits - 1)) - 1)
      for i in 0..<count { #expect(abs(quantized[i] - latent[i]) <= scale * 0.5000001) }
      #expect(quantized.array.map(abs).max()! == latent.array.map(abs).max()!)
    }
  }

  @Test("each tensor has its own scale")
  func perTensor() {
    let latent = Buffer([0.1, -0.2, 10, 20])
    let quantized = Buffer<Double>(count: 4)
    QuantizedParameters(bits: 2, tensors: [0..<2, 2..<4], start: latent).materialize(latent, into: quantized)
    #expect(quantized.array == [0, -0.2, 0, 20] || quantized.array == [0.2, -0.2, 20, 20])
  }

  @Test("quantised training fits, and fewer bits never hold more than they can", arguments: [1, 4, 8])
  func quantizedTraining(bits: Int) throws {
    let data = Problems.gaussian(samples: 20, dimensions: 20)
    let report = try outcome(
      .mlp(MultilayerPerceptron(hidden: [32])), data,
      .with {
        $0.reparameterization = .quantized(bits: bits)
        $0.learningRate = .fixed(0.02)
        $0.maxSteps = 5000
      })
    #expect(report.outcome == .fit)
  }
}
