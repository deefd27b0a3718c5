// MARK: - Answers that are none

extension HostileConnection {
    /// Gives what never makes a whole answer.
    mutating func spoil(_ answer: inout ServerAnswer, _ fault: AnswerFault) -> Outcome {
        // So that it is cut in the middle.
        if answer.body.count < 10 { answer.body = TrialRequest.text(answer.mark, count: 10) }
        noteStatus(answer)
        switch fault {
        case .resetUnanswered: return .over(.reset)
        case .finUnanswered: return .over(draw.one(of: [.inOrder, .withoutNotify]))
        case .halfCloseUnanswered:
            wire.endWriting()
            return .clientCloses
        case .cutStatusLine, .cutHead, .cutBody, .cutChunk, .cutLastChunk, .cutTrailers, .cutCoded, .cutWithoutNotify:
            return cut(answer, fault)
        case .silence, .stalledHead, .stalledBody: return stall(answer, fault)
        case .endlessDribble, .endlessHead, .endlessInterim, .endlessTrailers, .endlessExtensions, .endlessBody,
            .hugeLength:
            return goOnForEver(&answer, fault)
        case .bomb, .brokenCoding, .threeCodings: return spoilCoding(answer, fault)
        case .garbageRecord, .alertInAnswer: return spoilTLS(answer, fault)
        default:
            _ = wire.write(malformed(answer, fault))
            return .clientCloses
        }
    }

    /// Notes what the client may know of it. It is never whole.
    private func noteStatus(_ answer: ServerAnswer) {
        guard let id = Int(answer.mark.prefix { $0 != "." }) else { return }
        sightings.answers(id, .init(mark: answer.mark, status: answer.status, length: answer.body.count))
    }

    /// Sends the beginning of an answer, then ends the connection.
    private mutating func cut(_ answer: ServerAnswer, _ fault: AnswerFault) -> Outcome {
        let counted = answer.counted
        let head = Array((answer.head(["Transfer-Encoding: chunked"]) + "\r\n").utf8)
        let bytes: [UInt8]
        switch fault {
        case .cutStatusLine: bytes = Array(counted.prefix(draw.number(in: 1...14)))
        case .cutHead: bytes = Array(counted.prefix(draw.number(in: 15...counted.count - answer.body.count - 1)))
        case .cutBody: bytes = counted.dropLast(draw.number(in: 1...answer.body.count))
        case .cutChunk:
            let chunks = answer.chunks(&draw)
            // Before the last chunk's first byte at the latest.
            let last = chunks.count - (chunks.position(of: "\r\n0\r\n") ?? 0) - 2
            bytes = head + chunks.dropLast(draw.number(in: last...chunks.count))
        case .cutLastChunk:
            bytes = head + "5\r\nhello\r\n".utf8 + Array("0\r\n".utf8.prefix(draw.number(in: 0...3)))
        case .cutTrailers:
            let trailers = "X-Trailer: cut\r\n\r".utf8
            bytes = head + "5\r\nhello\r\n0\r\n".utf8 + Array(trailers.prefix(draw.number(in: 1...trailers.count)))
        case .cutCoded:
            let coded = Coding.gzip.encode(answer.body)
            let part = Array(coded.prefix(draw.number(in: 1...coded.count - 1)))
            bytes =
                Array((answer.head(["Content-Encoding: gzip", "Content-Length: \(part.count)"]) + "\r\n").utf8) + part
        default:
            bytes = Array((answer.head() + "\r\n").utf8) + answer.body
            _ = wire.write(bytes)
            return .over(.withoutNotify)
        }
        guard wire.write(bytes) else { return .over(.reset) }
        if draw.isHit(percent: 30) { _ = wire.pause(milliseconds: draw.number(in: 0...3)) }
        // A reset may overtake what the client would see.
        if fault == .cutCoded { return .clientCloses }
        return .over(fault.showsStatus ? draw.one(of: [.inOrder, .withoutNotify]) : draw.one(of: Wire.Ending.allCases))
    }

    private mutating func stall(_ answer: ServerAnswer, _ fault: AnswerFault) -> Outcome {
        switch fault {
        case .stalledHead:
            _ = wire.write(Array(answer.counted.prefix(draw.number(in: 1...answer.head().utf8.count))))
        case .stalledBody: _ = wire.write(answer.counted.dropLast(draw.number(in: 1...answer.body.count)))
        default: break
        }
        return .clientCloses
    }

    private mutating func goOnForEver(_ answer: inout ServerAnswer, _ fault: AnswerFault) -> Outcome {
        let chunked = answer.head(["Transfer-Encoding: chunked"]) + "\r\n"
        switch fault {
        case .endlessDribble:
            let bytes = Array((chunked + "ffffff\r\n").utf8) + [UInt8](repeating: 0x61, count: 50_000)
            for byte in bytes { guard wire.write([byte]), wire.pause(milliseconds: 3) else { break } }
        case .endlessHead:
            if draw.isHit(percent: 30) { return goOn(answer.head(), String(repeating: "x", count: 100)) }
            return goOn(answer.head(), "X-Header: \(String(repeating: "x", count: draw.number(in: 0...5_000)))\r\n")
        case .endlessInterim: return goOn("", "HTTP/1.1 100 Continue\r\n\r\n")
        case .endlessTrailers: return goOn(chunked + "0\r\n", "X-Trailer: x\r\n")
        case .endlessExtensions:
            return goOn(
                chunked,
                draw.one(of: ["1;name=value\r\na\r\n", "1;\(String(repeating: "x", count: 2_000))\r\na\r\n"])
            )
        case .hugeLength:
            let length = draw.one(of: ["65537", "1000000", "999999999999999999"])
            return goOn(answer.head(["Content-Length: \(length)"]) + "\r\n", String(repeating: "a", count: 1_000))
        default:
            let text = String(repeating: "a", count: 4_096)
            switch draw.number(in: 0...2) {
            case 0: return goOn(chunked, "1000\r\n\(text)\r\n")
            case 1: return goOn(chunked + "7fffffffffffffff\r\n", text)
            default: return goOn(answer.head() + "\r\n", text)
            }
        }
        return .clientCloses
    }

    /// Writes until the client has had enough.
    private func goOn(_ begin: String, _ parts: String...) -> Outcome {
        guard wire.write(begin) else { return .over(.reset) }
        while parts.allSatisfy({ $0.isEmpty || wire.write($0) }) {}
        return .over(.reset)
    }
}

// MARK: - Malformed

extension HostileConnection {
    private mutating func malformed(_ answer: ServerAnswer, _ fault: AnswerFault) -> [UInt8] {
        let text: String
        switch fault {
        case .badLength:
            let lengths = ["5, 5", "+5", "4 2", "", "0x5", "-1", "5;5", "5.0", String(repeating: "9", count: 30)]
            let lines =
                draw.isHit(percent: 30)
                ? ["Content-Length: 5", "Content-Length: 6"] : ["Content-Length: \(draw.one(of: lengths))"]
            text = answer.head(lines) + "\r\nhello"
        case .lengthWithChunked:
            let lines = ["Content-Length: 5", "Transfer-Encoding: chunked"]
            text = answer.head(draw.isHit(percent: 50) ? lines : lines.reversed()) + "\r\n5\r\nhello\r\n0\r\n\r\n"
        case .badCoding:
            let codings = [
                "gzip", "chunked, gzip", "chunked, chunked", "gzip, chunked", "xchunked", "identity", "chunked;x",
            ]
            let both = ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"]
            let lines = draw.isHit(percent: 20) ? both : ["Transfer-Encoding: \(draw.one(of: codings))"]
            text = answer.head(lines) + "\r\n5\r\nhello\r\n0\r\n\r\n"
        case .badChunk:
            let chunks = [
                "ffffffffffffffff\r\nhello\r\n", "-1\r\n", "0x5\r\nhello\r\n", " 5\r\nhello\r\n", "5 \r\nhello\r\n",
                "5\nhello\r\n", "g\r\n", "\r\n\r\n", "5\r\nhello!\r\n", "5\r\nhello\n0\r\n\r\n",
                "00000000000000005\r\nhello\r\n",
                "5;a\u{1}\r\nhello\r\n", "5\rhello\r\n", "4\r\nhello\r\n",
            ]
            let before = draw.isHit(percent: 50) ? "5\r\nhello\r\n" : ""
            text = answer.head(["Transfer-Encoding: chunked"]) + "\r\n" + before + draw.one(of: chunks) + "0\r\n\r\n"
        case .badHead: text = badHead(answer)
        case .switching: text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
        default:
            text = draw.one(of: [
                "SSH-2.0-OpenSSH_9.2\r\n", "\r\n\r\n", "{\"error\": {}}", "<html></html>", "\u{0}\u{0}\u{0}",
                "HTML/1.1 200 OK\r\n\r\n",
                "\u{16}\u{3}\u{1}", " HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            ])
        }
        return Array(text.utf8)
    }

    private mutating func badHead(_ answer: ServerAnswer) -> String {
        let fields = [
            " folded: line", "\tfolded", "Name : value", ": empty", "no colon", "Na me: value", "A: b\rC: d",
            "A: b\u{0}",
            "A\u{1}: b", "Content-Length : 5", "A: \u{7f}",
        ]
        let lines = [
            "HTTP/1.1 99 Low", "HTTP/1.1 20 Short", "HTTP/1.1 2000 Long", "HTTP/2 200", "HTTP/2.0 200 OK",
            "http/1.1 200 OK",
            "HTTP/1.1  200 OK", "HTTP/1.1\t200 OK", "HTTP/1.1 abc OK", "HTTP/11 200 OK", "HTTP/1.1", "HTTP/1.1 200OK",
            "HTTP/1.1 -20 OK", "HTTP/1.1 200 O\rK", "HTTP/1.1 200 O\u{0}K",
        ]
        let rest = "Content-Length: 5\r\n\r\nhello"
        if draw.isHit(percent: 40) { return "\(draw.one(of: lines))\r\nX-Answer: \(answer.mark)\r\n\(rest)" }
        return answer.head([draw.one(of: fields)]) + rest
    }
}
