//! THE ONLY ROOM WITH CLAP, INDICATIF AND PRINTING: arguments become plain values, one file a command.

pub mod azconfig;
mod closure;
mod commands;
mod connect;
mod coverage;
mod delete;
mod each;
mod elsewhere;
mod emulator;
pub mod ending;
mod everybody;
mod export;
mod filter;
mod find;
mod keep;
mod keygen;
mod kinds;
mod lines;
mod look;
mod merge;
mod paths;
mod person;
mod proof;
mod report;
mod resolve;
mod roll;
pub mod scope;
mod screen;
mod shard;
mod share;
mod spots;
mod summary;
mod take;
mod terminal;
mod texts;
mod twins;
mod verify;

use std::process::ExitCode;

use clap::Parser as _;

pub use commands::{Cli, Command};
use ending::Ending;

/// Parses, runs, and says how it ended.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() {
                Ending::Usage
            } else {
                Ending::Done
            };
            // A closed pipe is a quiet success.
            let _ = error.print();
            return ExitCode::from(code.code());
        }
    };
    match dispatch(cli) {
        Ok(ending) => ExitCode::from(ending.code()),
        Err(error) => {
            let ending = ending::of(&error);
            screen::talk(&format!("error: {}", chain(&error)));
            ExitCode::from(ending.code())
        }
    }
}

/// The error and its causes in one line, each said once.
fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&cause);
        }
    }
    text
}

fn dispatch(cli: Cli) -> anyhow::Result<Ending> {
    commands::check_format(&cli)?;
    match cli.command {
        Command::Export(args) => runtime()?.block_on(export::run(args, &cli.talk)),
        Command::Find(args) => runtime()?.block_on(find::run(args, &cli.talk)),
        Command::Delete(args) => runtime()?.block_on(delete::run(*args, &cli.talk)),
        Command::Merge(args) => merge::run(&args, &cli.talk),
        Command::Report(args) => report::run(&args, &cli.talk),
        Command::Verify(args) => verify::run(&args, &cli.talk),
        Command::Kinds(args) => kinds::run(&args, cli.talk.format),
        Command::Keygen(args) => keygen::run(&args, &cli.talk),
        Command::Emulator(args) => runtime()?.block_on(emulator::run(args)),
        Command::Completions { shell } => Ok(texts::completions(shell)),
        Command::Man => texts::man(),
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}
