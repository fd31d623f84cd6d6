/// A currency's code as the interface carries it: twelve characters, ended by zero.
struct CurrencyCode {
    typealias Characters = (
        CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar
    )

    let characters: Characters

    init(_ code: String) {
        let bytes = Array(code.utf8.prefix(11))
        func byte(_ place: Int) -> CChar {
            place < bytes.count ? CChar(bitPattern: bytes[place]) : 0
        }
        characters = (
            byte(0), byte(1), byte(2), byte(3), byte(4), byte(5), byte(6), byte(7), byte(8),
            byte(9), byte(10), 0
        )
    }
}
