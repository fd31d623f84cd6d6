import Testing
@testable import Market

@Suite struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func `the vectors of FIPS 180-4`(text: String, hash: String) {
        #expect(SHA256.hash(Array(text.utf8)).description == hash)
    }

    @Test func `a million letters, in pieces of every size`() {
        let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        let letters = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(SHA256.hash(letters).description == expected)
        var hash = SHA256()
        var from = 0
        var size = 0
        while from < letters.count {
            let to = min(from + size, letters.count)
            hash.update(Array(letters[from..<to]))
            from = to
            size = (size + 1) % 131
        }
        #expect(hash.finished().description == expected)
    }

    @Test func `asking for the hash in between changes nothing`() {
        var hash = SHA256()
        hash.update(Array("a".utf8))
        #expect(hash.finished() != SHA256.hash(Array("abc".utf8)))
        hash.update(Array("bc".utf8))
        #expect(hash.finished() == SHA256.hash(Array("abc".utf8)))
        #expect(hash.finished().bytes.count == 32)
        #expect(hash.finished().bytes.first == 0xba)
    }
}
