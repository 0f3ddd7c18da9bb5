# Every command of this project, once. `just` lists them; CI runs `just ci`.

set shell := ["bash", "-euo", "pipefail", "-c"]

# A chapter is a numbered crate; one with asyncio twins has pure sections.
chapters := `ls crates | sed -n 's/^[0-9]*-//p' | xargs`
pure_chapters := `ls -d crates/*/asyncio | sed -n 's:^crates/[0-9]*-\(.*\)/asyncio$:\1:p' | xargs`

# The crate that fills the book's pages is a workspace of its own.
book_manifest := "--locked --manifest-path crates/book-sections/Cargo.toml"

# List the commands.
default:
    @just --list

# Everything CI checks, in its order.
ci: format clippy circles compared test patterns postgres distributed docs licences fast parity wasm script book browser programs first-program workshop

# Formatting, without changing anything.
format:
    cargo fmt --all --check
    cargo fmt --manifest-path crates/book-sections/Cargo.toml --check
    rustfmt --edition 2024 --check $(git ls-files 'crates/workshop/*.rs' 'crates/workshop-apps/*.rs' 'docs/*.rs')

# Clippy on every target, with and without the lab and the stage; a warning is an error.
clippy:
    cargo clippy --workspace --all-targets --all-features -- -D warnings
    cargo clippy -p async-kit -- -D warnings
    cargo clippy -p async-kit --no-default-features -- -D warnings
    cargo clippy {{ book_manifest }} --all-targets -- -D warnings

# No two files of the kit import each other in a circle.
circles:
    ./.ci/circles crates/async-kit/src

# Every chapter has the tests that compare its twins and compile its wrong programs.
compared:
    ./.ci/compared

# The tests, the doc tests among them.
test:
    cargo test

# The patterns without the stage, and each one copied into an empty crate.
patterns:
    ./.ci/patterns-alone
    ./.ci/take-home

# The database chapter and its tests on a temporary PostgreSQL, or any other command.
postgres *command:
    ./.ci/postgres {{ command }}

# The chapter `distributed` and its tests on a temporary NATS server, or any other command.
nats *command:
    ./.ci/nats {{ command }}

# The chapter `distributed` and its tests on both servers, without a skipped part, or any other command.
distributed *command:
    ./.ci/distributed {{ command }}

# The API documentation, where a broken link is an error.
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features

# Licences, sources and bans of every dependency.
licences:
    cargo deny --workspace check licenses bans sources

# Every chapter 20 times in virtual time: the bytes must be the same each time.
fast:
    ./.ci/fast {{ chapters }}

# The asyncio twins and names, once with each installed version of Python: of all, or `-p queues`.
parity *options:
    ./.ci/parity {{ options }}

# The public names of asyncio, for the book, with each installed version of Python.
asyncio-names:
    .ci/pythons | while read -r _ _ python; do "$python" -B docs/asyncio/names.py docs/asyncio/names.tsv; done

# The pure sections on WebAssembly, as the pages run them, against the native output.
wasm: _packages
    ./.ci/wasm {{ pure_chapters }}

# The script of the book's pages: its types, its lints and its tests.
script: _packages
    cd docs/script && npm run --silent all

# The script of the book's pages, as the pages load it.
_bundle: _packages
    cd docs/script && npm run --silent build

# The packages that build the script, unless those of the lock file are installed.
_packages:
    [ docs/script/node_modules/.package-lock.json -nt docs/script/package-lock.json ] || { echo 'installing the packages of docs/script'; cd docs/script && npm ci --silent; }

# The programs that run in the pages, which `docs/script` loads.
_page-programs: _packages
    ./.ci/page-programs {{ pure_chapters }}

# Whether everything is here that the book is built with.
_book-tools:
    ./.ci/book-tools

# The book, and whether what it shows of a run and of the compiler is what they print today.
book: _book-tools _bundle _page-programs
    cargo test --quiet {{ book_manifest }}
    cargo run --quiet {{ book_manifest }} -- check
    cargo run --quiet {{ book_manifest }} -- check-compiler
    mdbook build docs
    node docs/script/search.js

# The built book in Chromium: its pages, its search, its programs, at several widths. `just book` builds it.
browser: _packages
    cargo build --quiet $(printf -- '--package=%s ' {{ pure_chapters }})
    cd docs/script && npm run --silent browser

# Each program as the book shows it, alone in an empty crate: it prints what the book shows.
programs *chapters:
    cargo run --quiet {{ book_manifest }} -- programs {{ chapters }}

# The programs of the page "Your first own program", each alone in an empty crate.
first-program *record:
    ./.ci/first-program {{ record }}

# Record what the sections print and draw, for the book: `just runs`, or `just runs queues`.
runs *chapters:
    cargo run --quiet {{ book_manifest }} -- record {{ chapters }}

# Record what the installed compiler says about the wrong programs in `docs/compiler/`, for the book.
compiler:
    cargo run --quiet {{ book_manifest }} -- record-compiler

# Serve the book and rebuild it while you write.
serve: _book-tools _bundle _page-programs
    mdbook serve docs --open

# The kit against plain Tokio, in one run.
bench:
    cargo bench -p async-kit

# Many small files, read in four ways, optimised.
bench-files:
    cargo run --release -p files -- hops

# The lab server, to play with.
lab:
    cargo run -p async-kit --features lab --bin lab

# The crawler against a plain loop, each in a process of its own, and its memory at 20,000 pages.
bench-crawler:
    cargo bench -p crawler --bench against_a_loop

# Publishers and workers of `distributed` killed at every step and at random times, so many times over, on each form.
kills rounds='1':
    ./.ci/distributed ./.ci/kills {{ rounds }}

# What each form of a queue costs, on two temporary servers. Tables: `just bench-distributed jobs|acks|pages`.
bench-distributed *tables:
    FSYNC=on ./.ci/distributed cargo bench -p distributed --bench brokers -- {{ tables }}

# What one frontier of the crawler holds and decides: the figures of the page "Toward internet scale".
scale:
    cargo bench -p crawler --bench frontier

# A first build as a new reader has it: until `queues` prints a line, and each pack tests its first exercise.
bench-cold:
    ./.ci/cold queues workshop workshop-apps

# The workspace's tests, or another command, 20 times in a row, the second half with every core busy.
flakes *command:
    ./.ci/flakes {{ command }}

# What no test of the kit notices, as a sample or by shards: `just mutants patterns|stage K/N`.
mutants half shard:
    ./.ci/mutants {{ half }} {{ shard }}

# The exercises: lists, tables and transcripts are current, and each answer passes or is refused as its role demands: about 5 minutes of CPU time.
workshop:
    cargo run --quiet -p workshop-tools -- check .
    cargo run --quiet -p workshop-tools -- verify crates/workshop
    cargo run --quiet -p workshop-tools -- verify crates/workshop-apps
    cd crates/workshop && rustlings dev check --require-solutions
    cd crates/workshop-apps && rustlings dev check --require-solutions

# Every answer to the named exercises of a pack, or to all: `just verify workshop queues1`.
verify pack *exercises:
    cargo run --quiet -p workshop-tools -- verify crates/{{ pack }} {{ exercises }}

# What the asyncio programs of the exercises print, written down for learners without Python.
transcripts:
    cargo run --quiet -p workshop-tools -- transcripts crates/workshop
    cargo run --quiet -p workshop-tools -- transcripts crates/workshop-apps

# The tables about the exercises, in the README of the workshop and in the book.
tables:
    cargo run --quiet -p workshop-tools -- tables .

# Is this machine ready for the workshop?
doctor:
    ./.ci/doctor

# One archive with everything, for machines without a network.
bundle: _bundle _page-programs
    ./.ci/bundle

# Which learner solved which exercise, from their folders: `just class-report [--json] ada bob`.
[no-cd]
[positional-arguments]
class-report +folders:
    cargo run --quiet --manifest-path "{{ justfile_directory() }}/Cargo.toml" -p workshop-tools -- report "{{ justfile_directory() }}" "$@"
