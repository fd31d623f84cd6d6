import Foundation
import TestGround
import Testing

@testable import TapedeckSDK

struct VolumeProfileGoldenTests {
    struct Profile: Decodable {
        let file: String
        let start: String?
        let end: String?
        let skip: Int?
        let limit: Int?
        let bins: Int
        let value_area: Double
        let bars: Int
        let volume: [Double]
        let poc_mid: Double
        let value_area_low: Double
        let value_area_high: Double
    }
    struct Extras: Decodable { let volume_profile: [Profile] }

    @Test func `the volume profile has the expected bins, point of control and value area`() throws
    {
        let file = GoldenFolder.golden.appending(path: "extras/extras.json")
        let profiles = try JSONDecoder().decode(Extras.self, from: Data(contentsOf: file))
            .volume_profile
        print("volume profile goldens: \(profiles.count)")
        #expect(!profiles.isEmpty)
        for expected in profiles {
            let bars = try bars(of: expected)
            #expect(bars.count == expected.bars)
            let workspace = Workspace()
            defer { withExtendedLifetime(workspace) {} }
            var profile = VolumeProfile(
                bars.count, bins: expected.bins, valueArea: expected.value_area, workspace)
            for bar in bars { profile.update(bar) }
            profile.measure()
            for (bin, volume) in expected.volume.enumerated() {
                #expect(
                    abs(profile.volume(ofBin: bin) - volume) <= 1e-9 * volume,
                    "\(expected.file) bin \(bin)")
            }
            for (value, truth) in [
                (profile.control, expected.poc_mid), (profile.valueLow, expected.value_area_low),
                (profile.valueHigh, expected.value_area_high),
            ] {
                #expect(abs(value - truth) <= 1e-9 * truth, "\(expected.file)")
            }
        }
    }

    private func bars(of profile: Profile) throws -> [Bar] {
        let table = try Table(GoldenFolder.data.appending(path: profile.file))
        let places = try ["open", "high", "low", "close", "volume"].map { try table.column($0) }
        let rows = table.rows.filter { row in
            (profile.start.map { String(row[0]) >= $0 } ?? true)
                && (profile.end.map { String(row[0]) < $0 } ?? true)
        }
        return rows.dropFirst(profile.skip ?? 0).prefix(profile.limit ?? .max).map { row in
            let v = places.map { Double(row[$0]) ?? 0 }
            return Bar(open: v[0], high: v[1], low: v[2], close: v[3], volume: v[4])
        }
    }
}
