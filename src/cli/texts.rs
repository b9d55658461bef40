//! `completions` and `man`: what falls out of the argument tree.

use clap::CommandFactory as _;

use super::commands::Cli;
use super::ending::Ending;
use super::screen;

/// Prints a completion script.
pub(super) fn completions(shell: clap_complete::Shell) -> Ending {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "aml-dsr", &mut out);
    screen::data(&String::from_utf8_lossy(&out));
    Ending::Done
}

/// Prints the manual page, with one section for each command.
pub(super) fn man() -> anyhow::Result<Ending> {
    let mut out = Vec::new();
    let mut command = Cli::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut out)?;
    for sub in command
        .get_subcommands()
        .filter(|sub| sub.get_name() != "help")
    {
        clap_mangen::Man::new(sub.clone()).render(&mut out)?;
    }
    screen::data(&String::from_utf8_lossy(&out));
    Ok(Ending::Done)
}
