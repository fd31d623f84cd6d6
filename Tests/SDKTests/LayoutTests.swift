import CTapedeck
import Foundation
import TestGround
import Testing

/// The layout that the first release froze. A later minor adds a file of its own beside it.
struct LayoutTests {
    struct Frozen {
        var name: String
        var size: Int
        var alignment: Int
        var members: [(offset: Int, text: String)]
    }

    static func parse(_ text: String) -> (structs: [Frozen], constants: [String: Int]) {
        var structs: [Frozen] = []
        var constants: [String: Int] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if line.hasPrefix("TD_") {
                constants[words[0]] = Int(words[2])
            } else if line.hasPrefix(" ") {
                structs[structs.count - 1].members.append(
                    (Int(words[0]) ?? -1, words.dropFirst().joined(separator: " ")))
            } else {
                structs.append(
                    Frozen(
                        name: words[0], size: Int(words[2]) ?? -1, alignment: Int(words[4]) ?? -1,
                        members: []))
            }
        }
        return (structs, constants)
    }

    @Test func `trap 41: the header has the committed layout, and a minor only appended to it`()
        throws
    {
        let outcome = try run(Checkout.path("scripts/abi-layout"), [])
        try #require(outcome.status == 0, "\(outcome.error)")
        let now = Self.parse(outcome.output)
        let frozen = Self.parse(try Checkout.text("docs/abi/layout-1.0.txt"))
        #expect(frozen.structs.count == 29)
        for old in frozen.structs {
            guard let new = now.structs.first(where: { $0.name == old.name }) else {
                Issue.record("\(old.name) is gone")
                continue
            }
            // What begins with its own size may grow at the end; everything else is for ever.
            let mayGrow = old.members.first?.text == "uint32_t struct_size"
            #expect(mayGrow ? new.size >= old.size : new.size == old.size, "\(old.name)")
            #expect(new.alignment == old.alignment, "\(old.name)")
            #expect(mayGrow || new.members.count == old.members.count, "\(old.name)")
            for (place, member) in old.members.enumerated() {
                let found = place < new.members.count ? new.members[place] : (-1, "nothing")
                #expect(found == member, "\(old.name)")
            }
        }
        for (name, value) in frozen.constants { #expect(now.constants[name] == value, "\(name)") }
        #expect(frozen.constants.count > 100)
    }

    @Test func `Swift sees the same sizes and alignments`() throws {
        let frozen = Self.parse(try Checkout.text("docs/abi/layout-1.0.txt")).structs
        let swift: [String: (Int, Int)] = [
            "td_string": layout(td_string.self), "td_error": layout(td_error.self),
            "td_bar": layout(Bar.self),
            "td_trade": layout(Trade.self), "td_quote": layout(Quote.self),
            "td_depth": layout(DepthLevel.self),
            "td_split": layout(Split.self), "td_dividend": layout(Dividend.self),
            "td_session": layout(SessionChange.self), "td_timer": layout(td_timer.self),
            "td_order_update": layout(td_order_update.self), "td_fill": layout(td_fill.self),
            "td_parameter_change": layout(td_parameter_change.self), "td_gap": layout(td_gap.self),
            "td_command": layout(td_command.self), "td_funding": layout(td_funding.self),
            "td_standing": layout(td_standing.self), "td_event": layout(Event.self),
            "td_order": layout(td_order.self), "td_position": layout(td_position.self),
            "td_account": layout(td_account.self), "td_instrument": layout(td_instrument.self),
            "td_parameter": layout(td_parameter.self), "td_setup": layout(td_setup.self),
            "td_start": layout(td_start.self), "td_sink": layout(td_sink.self),
            "td_blob": layout(td_blob.self),
            "td_host": layout(td_host.self), "td_plugin": layout(td_plugin.self),
        ]
        #expect(swift.count == frozen.count)
        for old in frozen {
            let (stride, alignment) = try #require(swift[old.name], "\(old.name)")
            #expect(stride == old.size && alignment == old.alignment, "\(old.name)")
        }
    }

    private func layout<Value>(_ type: Value.Type) -> (Int, Int) {
        (MemoryLayout<Value>.stride, MemoryLayout<Value>.alignment)
    }

    @Test(arguments: [
        (
            "td_event", ["type", "flags", "instrument", "timeframe", "sequence", "time"],
            [
                MemoryLayout<Event>.offset(of: \.type), MemoryLayout<Event>.offset(of: \.flags),
                MemoryLayout<Event>.offset(of: \.instrument),
                MemoryLayout<Event>.offset(of: \.timeframe),
                MemoryLayout<Event>.offset(of: \.sequence), MemoryLayout<Event>.offset(of: \.time),
            ]
        ),
        (
            "td_bar", ["open", "high", "low", "close", "volume"],
            [
                MemoryLayout<Bar>.offset(of: \.open), MemoryLayout<Bar>.offset(of: \.high),
                MemoryLayout<Bar>.offset(of: \.low), MemoryLayout<Bar>.offset(of: \.close),
                MemoryLayout<Bar>.offset(of: \.volume),
            ]
        ),
        (
            "td_order",
            [
                "instrument", "type", "time_in_force", "flags", "oco", "quantity", "limit", "stop",
                "trail", "stop_loss", "take_profit", "trailing_stop", "expires", "tag", "parent",
            ],
            [
                MemoryLayout<td_order>.offset(of: \.instrument),
                MemoryLayout<td_order>.offset(of: \.type),
                MemoryLayout<td_order>.offset(of: \.time_in_force),
                MemoryLayout<td_order>.offset(of: \.flags),
                MemoryLayout<td_order>.offset(of: \.oco),
                MemoryLayout<td_order>.offset(of: \.quantity),
                MemoryLayout<td_order>.offset(of: \.limit),
                MemoryLayout<td_order>.offset(of: \.stop),
                MemoryLayout<td_order>.offset(of: \.trail),
                MemoryLayout<td_order>.offset(of: \.stop_loss),
                MemoryLayout<td_order>.offset(of: \.take_profit),
                MemoryLayout<td_order>.offset(of: \.trailing_stop),
                MemoryLayout<td_order>.offset(of: \.expires),
                MemoryLayout<td_order>.offset(of: \.tag),
                MemoryLayout<td_order>.offset(of: \.parent),
            ]
        ),
        (
            "td_fill", ["order", "tag", "price", "quantity", "fee"],
            [
                MemoryLayout<td_fill>.offset(of: \.order), MemoryLayout<td_fill>.offset(of: \.tag),
                MemoryLayout<td_fill>.offset(of: \.price),
                MemoryLayout<td_fill>.offset(of: \.quantity),
                MemoryLayout<td_fill>.offset(of: \.fee),
            ]
        ),
        (
            "td_host", ["now", "submit", "position", "history", "extension"],
            [
                MemoryLayout<td_host>.offset(of: \.now), MemoryLayout<td_host>.offset(of: \.submit),
                MemoryLayout<td_host>.offset(of: \.position),
                MemoryLayout<td_host>.offset(of: \.history),
                MemoryLayout<td_host>.offset(of: \.extension),
            ]
        ),
        (
            "td_plugin", ["create", "destroy", "on_events", "save", "load", "extension"],
            [
                MemoryLayout<td_plugin>.offset(of: \.create),
                MemoryLayout<td_plugin>.offset(of: \.destroy),
                MemoryLayout<td_plugin>.offset(of: \.on_events),
                MemoryLayout<td_plugin>.offset(of: \.save),
                MemoryLayout<td_plugin>.offset(of: \.load),
                MemoryLayout<td_plugin>.offset(of: \.extension),
            ]
        ),
    ])
    func `Swift sees the same offsets`(name: String, members: [String], offsets: [Int?]) throws {
        let frozen = Self.parse(try Checkout.text("docs/abi/layout-1.0.txt")).structs
        let old = try #require(frozen.first { $0.name == name })
        for (member, offset) in zip(members, offsets) {
            let expected = old.members.first { $0.text.hasSuffix(" \(member)") }?.offset
            #expect(expected != nil && expected == offset, "\(name).\(member)")
        }
    }

    @Test func `an event's payload begins at byte 24`() {
        var event = Event()
        event.bar = Bar(open: 1, high: 2, low: 3, close: 4, volume: 5)
        withUnsafeBytes(of: event) { bytes in
            #expect(bytes.loadUnaligned(fromByteOffset: 24, as: Double.self) == 1)
            #expect(bytes.loadUnaligned(fromByteOffset: 48, as: Double.self) == 4)
        }
    }
}
