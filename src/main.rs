//! Parses, runs, and ends with the documented code. Everything else is in the library.

fn main() -> std::process::ExitCode {
    aml_dsr::cli::run()
}
