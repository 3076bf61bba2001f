"""Types what the documents tell a person to type, against a running demonstration.

usage: typed.py BINARY REPOSITORY FOLDER

FOLDER is empty and becomes the demonstration's. Every `sh` block of the pages below is run as it
stands, in order, but for what a page can only show by example: an id, a name, a date. Values that a
reader would copy from an answer are copied from it. Needs Python 3.9, bash, curl and unzip.
"""

import json
import os
import re
import subprocess
import sys
import time

BINARY, REPOSITORY, FOLDER = sys.argv[1:4]
DEMO = os.path.join(FOLDER, "demo")
ISSUER = "https://id.demo.example"
# A recipient of age's own documentation; nobody here has its key.
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
# What an answer is remembered as.
KEPT = {
    "conversation": "CHAT",
    "assignment": "ASSIGNMENT",
    "export": "EXPORT",
    "case": "CASE",
    "hold": "HOLD",
    "revocation": "REVOCATION",
}


def later(days):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86400))


class Reader:
    """Somebody at a shell, with the demonstration running."""

    def __init__(self):
        self.typed = 0
        bin_folder = os.path.join(FOLDER, "bin")
        os.makedirs(bin_folder)
        for name in ("tidewaiter", "tidewaiter-audit"):
            os.symlink(os.path.abspath(BINARY), os.path.join(bin_folder, name))
        os.symlink(os.path.join(REPOSITORY, "policies"), os.path.join(FOLDER, "policies"))
        self.said = os.path.join(FOLDER, "demo.txt")
        with open(self.said, "wb") as out:
            self.demo = subprocess.Popen([BINARY, "demo", "--serve", "--dir", DEMO], stdout=out)
        text = self.await_text("An officer reads a record")
        url = re.search(r"stays up at (\S+)", text).group(1)
        self.env = dict(os.environ, PATH=bin_folder + ":" + os.environ["PATH"], TW=url, URL=url)
        self.env["BOT"] = self.env["TOKEN"] = re.search(r"TOKEN=(\S+)", text).group(1)
        self.env["UNTIL"] = later(7)
        self.env["REVIEW"] = later(60)
        self.person = re.search(r"--sub (\S+) --uid", text).group(1)
        self.uid = re.search(r"--uid (\S+)", text).group(1)
        self.withdrawal = re.search(r'withdrawals.status \{"tid":"(\w+)"', text).group(1)
        for role in ("support", "lead", "officer", "dpo", "legal"):
            for n in (1, 2):
                self.token("officer", f"{role}{n}", "--sub", f"{role}{n}", "--role", role)

    def await_text(self, wanted):
        for _ in range(1200):
            with open(self.said, encoding="utf-8") as file:
                text = file.read()
            if wanted in text:
                return text
            if self.demo.poll() is not None:
                sys.exit(f"the demonstration ended:\n{text}")
            time.sleep(0.1)
        sys.exit("the demonstration does not come up")

    def token(self, kind, name, *more):
        """A token in NAME.jwt, and what is in it."""
        path = os.path.join(FOLDER, name + ".jwt")
        command = [BINARY, "token", kind, "--key", os.path.join(DEMO, "issuer.key")]
        command += ["--issuer", ISSUER, "--audience", self.env["TW"], *more]
        made = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
        with open(path, "wb") as file:
            file.write(made)
        os.chmod(path, 0o600)
        return made.decode().strip()

    def who(self, name, role):
        with open(os.path.join(FOLDER, role + ".jwt"), encoding="utf-8") as file:
            self.env[name] = file.read().strip()

    def type(self, block, *pairs):
        """Runs a block, command by command, with what a page shows by example put in; a refusal is
        a failure. What the last one printed, as JSON if it is that."""
        for shown, meant in pairs:
            if shown not in block:
                sys.exit(f"{shown!r} is no longer in\n{block}")
            block = block.replace(shown, meant)
        answer = None
        for command in re.split(r"(?<![|\\])\n(?=curl|tidewaiter|unzip|export|echo|printf|python3)", block):
            answer = self.run(command.strip())
        return answer

    def run(self, command):
        self.typed += 1
        script = 'set -euo pipefail\ncurl() { command curl --fail-with-body "$@"; }\n'
        # `head` may go before all is written, which is no failure.
        script += command if "| head" not in command else "set +o pipefail\n" + command
        done = subprocess.run(
            ["bash", "-c", script], cwd=FOLDER, env=self.env, text=True, capture_output=True
        )
        if done.returncode:
            sys.exit(f"{command}\nended with {done.returncode}:\n{done.stdout}{done.stderr}")
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            return done.stdout
        for name, variable in KEPT.items() if isinstance(answer, dict) else ():
            if isinstance(answer.get(name), str):
                self.env[variable] = answer[name]
        return answer


def blocks(page):
    with open(os.path.join(REPOSITORY, page), encoding="utf-8") as file:
        return re.findall(r"^```sh\n(.*?)^```", file.read(), re.S | re.M)


def indented(page, start):
    """Indented lines that begin with `start`, with those that go on."""
    with open(os.path.join(REPOSITORY, page), encoding="utf-8") as file:
        text = file.read()
    found = re.findall(r"^    (" + start + r"(?:.*\\\n)*.*)$", text, re.M)
    return [re.sub(r" \.\.\.|\s+\(.*\)$", "", line) for line in found]


def assistant(me):
    page = iter(blocks("docs/assistant.md"))
    exchanged = next(page)  # needs an issuer that knows no `act`: the token endpoint's own tests
    assert "oauth/token" in exchanged, exchanged
    # A session has one chat, and the README opened it.
    me.env["TOKEN"] = me.token(
        "agent", "agent", "--agent", "support-bot", "--sub", me.person, "--uid", me.uid
    )
    me.record = me.type(next(page), ("2026-11-22T10:04:00Z", later(-0.01)))["record"]
    me.type(next(page))
    spoken = me.type(next(page))  # an assistant's turn in pieces
    assert "event: end" in spoken, spoken
    me.env["CUSTOMER"] = me.token("customer", "customer", "--sub", me.person, "--uid", me.uid)
    revealed = me.type(next(page))
    assert "someone@example.org" in revealed["text"], revealed
    attach = next(page)
    assert "/attach" in attach, attach
    lookup = next(page)
    me.type(lookup, ("TID892F29F094", me.withdrawal))
    me.type(next(page))
    # A guest's chat, and the guest signs in.
    chat = me.env["CHAT"]
    me.env["TOKEN"] = me.token("guest", "guest", "--agent", "support-bot")
    me.type(blocks("docs/assistant.md")[1], ("2026-11-22T10:04:00Z", later(-0.01)))
    me.env["TOKEN"] = me.token(
        "agent", "agent", "--agent", "support-bot", "--sub", me.person, "--uid", me.uid
    )
    me.type(attach)
    me.env["CHAT"] = chat
    assert next(page, None) is None, "a block that nobody types"


def officer(me):
    page = iter(blocks("docs/officer.md"))
    whose = [("https://login.example", ISSUER), ("8841", me.person)]
    me.who("TOKEN", "officer1")
    me.who("LEAD", "lead1")
    me.who("OTHER", "legal2")
    me.type(next(page), ("5f1c0e2b7d9a4c3e8f60718293a4b5c6", me.record))
    me.type(next(page))  # a search
    me.type(next(page))  # a transcript
    me.type(next(page))  # assigning, seeing it, ending it
    me.type(next(page))  # figures, policy
    time_of_export = ("2026-10-01T00:00:00Z", later(-1)), ("2026-11-01T00:00:00Z", later(1))
    me.type(next(page), ("age1…", RECIPIENT), *time_of_export)
    me.type(next(page))
    me.type(next(page))
    me.type(next(page), ("--trust trust.txt  ", f"--trust {DEMO}/trust.txt  "))
    me.type(next(page), *whose)  # an erasure by letter
    me.who("TOKEN", "dpo1")
    me.type(next(page))
    refuse = next(page)
    hold = next(page)
    me.who("TOKEN", "officer1")
    filed = blocks("docs/officer.md")[9]
    me.type(filed, whose[0], ("8841", "somebody-else"))
    me.who("TOKEN", "dpo1")
    me.type(refuse)
    me.who("TOKEN", "legal1")
    me.type(hold, *whose)
    release = next(page)
    me.type(release)
    me.who("TOKEN", "officer2")
    me.type(release)
    me.type(next(page))  # a switch
    for name, role in (("me", "lead1"), ("officer", "officer1")):
        os.replace(os.path.join(FOLDER, role + ".jwt"), os.path.join(FOLDER, name + ".jwt"))
    me.token("customer", "leaked", "--sub", "robbed", "--uid", "ID1")
    revoke, lift, commands = next(page), next(page), next(page)
    me.type(revoke.replace("support-bot", "scripted-flow"), *whose)
    listed = me.run('tidewaiter revocations list --json --url "$TW" --token-file me.jwt')
    session = next(one for one in listed["revocations"] if one["kind"] == "session")
    me.type(lift, ("0f3a…", session["revocation"]))
    command_line(me, commands, whose)
    assert next(page, None) is None, "a block that nobody types"


def readme(me):
    """The README's own lines, of the one customer its scene is about."""
    me.env["TOKEN"] = me.env["BOT"]
    opening, lookup = indented("README.md", "curl")
    me.type(opening, ("2026-11-22T10:00:00Z", later(-0.01)))
    lookup = re.sub(r"TID\w+", me.withdrawal, lookup)
    me.type(lookup, ('"conversation":"…"', '"conversation":"\'$CHAT\'"'))


def command_line(me, block, whose):
    """The same from the command line: an id is copied from `--json`, others act with their own
    tokens."""
    block = block.replace('export TIDEWAITER_URL="$TW" TIDEWAITER_TOKEN_FILE=officer.jwt\n', "")
    me.env.update(TIDEWAITER_URL=me.env["TW"])
    # Of somebody who was not erased on the way.
    me.env["TOKEN"] = me.token(
        "agent", "agent", "--agent", "support-bot", "--sub", "visitor", "--uid", "ID0000000001"
    )
    me.type(blocks("docs/assistant.md")[1], ("2026-11-22T10:04:00Z", later(-0.01)))
    for line in block.strip().split("\n"):
        role = "officer"
        if re.search("assign make|switch", line):
            role = "me"
        if re.search("export approve", line):
            role = "legal2"
        if "erase approve" in line:
            role = "dpo1"
            me.env["TIDEWAITER_TOKEN_FILE"] = "legal1.jwt"
            me.run(
                f"tidewaiter erase file --issuer {ISSUER} --sub another --json "
                "--reason 'a letter' --case DSR-205"
            )
        if re.search("hold release", line):
            role = "legal1"
        me.env["TIDEWAITER_TOKEN_FILE"] = role + ".jwt"
        if re.search("export request|hold place", line):
            line += " --json"
        if "export fetch" in line:
            os.remove(os.path.join(FOLDER, "bundle.zip"))
        if "hold place" in line:
            me.type(line, *whose)
        else:
            me.type(line)


def pages(me):
    """What needs no token: redaction, the policy's own commands, the second verifier."""
    for line in indented("docs/redaction.md", "echo"):
        if "--models" in line:
            # Fetched by a script, if at all.
            folder = os.environ.get("TIDEWAITER_MODELS")
            if not folder:
                continue
            line = line.replace("/var/lib/tidewaiter-models", folder)
        # A turn that asks for a secret is told by the exit status too.
        me.run(f"! {{ {line}; }}" if "--asks" in line else line)
    for line in indented("README.md", "(?:tidewaiter (?:catalog|policy)|echo)"):
        for one in re.sub(r"check \| test \| ", "", line).split("\n"):
            me.run(one)
    me.run("tidewaiter policy check && tidewaiter policy test")
    me.run(f"tidewaiter serve --config {DEMO}/tidewaiter.toml --check")
    me.run(f"python3 bundle/verify.py bundle --trust {DEMO}/trust.txt")


def main():
    me = Reader()
    try:
        readme(me)
        assistant(me)
        officer(me)
        pages(me)
    finally:
        me.demo.terminate()
        me.demo.wait()
    print(f"typed {me.typed} commands")


main()
