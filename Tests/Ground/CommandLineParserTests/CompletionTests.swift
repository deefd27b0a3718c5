import Foundation
import Testing

@testable import CommandLineParser

@Suite(.timeLimit(.minutes(1))) struct CompletionTests {
    private static func script(_ shell: Shell) -> String {
        CompletionScript(program: SampleProgram.declaration, for: shell).text
    }

    @Test func scriptsAreAskedForByName() {
        let program = SampleProgram.program
        for shell in Shell.allCases {
            #expect(program.shown("--generate-completion-script", shell.rawValue) == Self.script(shell))
            #expect(program.shown("--generate-completion-script=\(shell.rawValue)") == Self.script(shell))
            #expect(program.shown("boxes", "--generate-completion-script=\(shell.rawValue)") == Self.script(shell))
        }
        guard case .show(let text) = program.parse(["--generate-completion-script"], shell: "/bin/zsh") else {
            Issue.record("no script for the shell of the environment")
            return
        }
        #expect(text == Self.script(.zsh))
        #expect(
            program.complaint("--generate-completion-script", "tcsh")
                == "Error: There is no completion script for 'tcsh'; write --generate-completion-script with one of bash, zsh, fish"
        )
        #expect(program.complaint("--generate-completion-script")?.contains("No shell is named") == true)
        #expect(program.shown("--help")?.contains("completion") == false)
    }

    @Test(arguments: Shell.allCases)
    func theShellCanReadItsScript(_ shell: Shell) throws {
        guard let path = Executable.find(shell.rawValue) else { return }
        let done = try Executable.run(path, ["-n", "/dev/stdin"], input: Self.script(shell))
        #expect(done.status == 0, "\(done.errors)")
        #expect(done.errors.isEmpty)
    }

    @Test func hiddenCommandsAndOptionsAreNotOffered() {
        for shell in Shell.allCases {
            #expect(!Self.script(shell).contains("secret"))
        }
        #expect(!BashCompletion(Self.script(.bash)).offers("courier carry --").contains("--inner"))
    }

    @Test(arguments: [
        ("courier ", ["carry", "boxes", "help", "--version", "-h", "--help"]),
        ("courier b", ["boxes"]),
        ("courier boxes ", ["list", "send", "--version", "-h", "--help"]),
        ("courier boxes l", ["list"]),
        ("courier help ", ["carry", "boxes", "help"]),
        ("courier help boxes s", ["send"]),
        ("courier boxes list --f", ["--format"]),
        ("courier --v", ["--version"]),
        // What has been given already is not offered again, unless it may be repeated.
        ("courier carry --quiet --q", []),
        ("courier carry --set a --se", ["--set"]),
        // A value is no command and no option.
        ("courier --config boxes c", ["carry"]),
        ("courier carry --inner carry --pac", ["--pace"]),
        ("courier carry --pace ", ["slow", "fast"]),
        ("courier carry --pace=f", ["fast"]),
        ("courier carry -- --pac", []),
        ("courier -- b", ["boxes"]),
        // bash takes what stands behind = and : for a word of its own, and replaces only that.
        ("courier boxes list --format t", ["topic:0"]),
        ("courier boxes list --format topic:", ["0"]),
        ("courier boxes list --format=topic:", ["0"]),
        ("courier boxes list --format fi", ["first=Comp1"]),
        ("courier boxes list --format first=", ["Comp1"]),
        ("courier boxes list --format=", ["topic:0", "first=Comp1", #"it\'s"#]),
        ("courier boxes list --format it", [#"it\'s"#]),
        ("courier boxes list --format \"it", ["it's"]),
        ("courier boxes send ", [#"\$HOME"#, #"\(cmd\)"#, #"a\ b"#]),
        ("courier boxes send \\$", [#"\$HOME"#]),
        ("courier boxes list 7 ", ["--config", "--set", "--format", "--state", "--version", "-h", "--help"]),
        ("courier nothing ", ["carry", "boxes", "help", "--version", "-h", "--help"]),
    ])
    func bashCompletes(_ line: String, _ words: [String]) {
        #expect(Set(BashCompletion(Self.script(.bash)).offers(line)) == Set(words))
    }

    @Test func bashCompletesFilesByTheirExtension() throws {
        let folder = try TemporaryFolder([
            "a.yaml", "b.yml", "c.txt", "my file.yaml", "sub/in.yaml", "x.box", "a:b.yaml",
        ])
        let bash = BashCompletion(Self.script(.bash), in: folder.path)
        #expect(bash.offers("courier carry --config ") == ["a.yaml", "a:b.yaml", "b.yml", "my file.yaml", "sub"])
        #expect(bash.offers("courier carry --config=a") == ["a.yaml", "a:b.yaml"])
        #expect(bash.offers("courier carry --config a:") == ["b.yaml"])
        #expect(bash.offers("courier carry --config sub/") == ["sub/in.yaml"])
        #expect(bash.offers("courier carry --config c") == [])
        #expect(bash.offers("courier carry to ") == ["sub", "x.box"])
    }

    /// zsh completes at a terminal only; what its own functions get tells whether all is quoted.
    @Test func zshGetsWhatWasDeclared() throws {
        guard let zsh = Executable.find("zsh") else { return }
        func words(of function: String) throws -> [String] {
            let stubs = "compdef() { }; _arguments() { print -rl -- $@ }; _describe() { print -rl -- $commands }; "
            let script = stubs + "state=command; " + Self.script(.zsh) + "\n" + function
            let done = try Executable.run(zsh, ["-f", "-c", script])
            #expect(done.errors.isEmpty, "\(done.errors)")
            return done.output.split(separator: "\n").map(String.init)
        }
        let send = try words(of: "_courier_boxes_send")
        #expect(send.contains(#"--state=[A file's name with ' and \[ and \: and $HOME and (cmd).]:state: "#))
        #expect(send.contains("::kind:('$HOME' '(cmd)' 'a b')"))
        let list = try words(of: "_courier_boxes_list")
        #expect(list.contains(#"--format=[How.]:format:('topic\:0' 'first=Comp1' 'it'\''s')"#))
        #expect(list.contains("--config=[A file.]:config:_files -g '*.(yaml|yml)(-.)'"))
        #expect(list.contains(#"*--set=[Sets one key, as in --set a=b. May be repeated.]:key=value: "#))
        #expect(try words(of: "_courier_carry").contains("!--inner=: : "))
    }

    @Test func fishCompletes() throws {
        guard let fish = Executable.find("fish") else { return }
        let folder = try TemporaryFolder(["a.yaml", "c.txt", "sub/in.yaml"])
        func offers(_ line: String) throws -> [String] {
            let script = Self.script(.fish) + "\ncomplete -C \(line.quotedForFish)"
            let done = try Executable.run(fish, ["--no-config", "-c", script], in: folder.path)
            #expect(done.errors.isEmpty, "\(done.errors)")
            return done.output.split(separator: "\n").map { String($0.split(separator: "\t")[0]) }
        }
        #expect(try offers("courier b") == ["boxes"])
        #expect(try offers("courier --config x boxes l") == ["list"])
        #expect(try offers("courier boxes list --format t") == ["topic:0"])
        #expect(try offers("courier boxes list --form") == ["--format"])
        #expect(try offers("courier boxes send ") == ["$HOME", "(cmd)", "a b"])
        #expect(try offers("courier carry --config=") == ["--config=a.yaml", "--config=sub/"])
        #expect(try offers("courier carry --quiet --qui") == [])
        #expect(try offers("courier carry -- --qui") == [])
    }
}
