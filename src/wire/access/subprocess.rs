//! The sign-in that a command-line tool keeps: Azure CLI, and Azure Developer CLI.

use std::ffi::OsStr;
use std::io;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, Executor,
};

use super::Token;
use super::chain::Source;
use super::error::Setback;
use super::service::{Context, token_of};

/// Azure's own libraries wait as long.
const LIMIT: Duration = Duration::from_secs(10);

/// Runs a tool and ends it when the caller stops waiting, which the library's own runner does not.
#[derive(Debug)]
struct Killed;

#[async_trait]
impl Executor for Killed {
    async fn run(&self, program: &OsStr, args: &[&OsStr]) -> io::Result<Output> {
        // Without stdin a tool that wants to ask a question fails at once, and does not take the user's input.
        tokio::process::Command::new(program)
            .args(args)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Tool {
    Az,
    Azd,
}

pub(super) struct CommandLine {
    context: Arc<Context>,
    tool: Tool,
    executor: Arc<dyn Executor>,
    limit: Duration,
}

impl CommandLine {
    pub(super) fn az(context: Arc<Context>) -> Self {
        Self {
            context,
            tool: Tool::Az,
            executor: Arc::new(Killed),
            limit: LIMIT,
        }
    }

    pub(super) fn azd(context: Arc<Context>) -> Self {
        Self {
            context,
            tool: Tool::Azd,
            executor: Arc::new(Killed),
            limit: LIMIT,
        }
    }

    fn credential(&self) -> azure_core::Result<Arc<dyn TokenCredential>> {
        let executor = Some(Arc::clone(&self.executor));
        Ok(match self.tool {
            Tool::Az => AzureCliCredential::new(Some(AzureCliCredentialOptions {
                executor,
                ..Default::default()
            }))?,
            Tool::Azd => {
                AzureDeveloperCliCredential::new(Some(AzureDeveloperCliCredentialOptions {
                    executor,
                    ..Default::default()
                }))?
            }
        })
    }

    fn login(&self) -> &'static str {
        match self.tool {
            Tool::Az => "az login",
            Tool::Azd => "azd auth login",
        }
    }
}

#[async_trait]
impl Source for CommandLine {
    fn name(&self) -> &'static str {
        match self.tool {
            Tool::Az => "Azure CLI",
            Tool::Azd => "Azure Developer CLI",
        }
    }

    fn limit(&self) -> Duration {
        self.limit
    }

    async fn acquire(&self, scope: &str) -> Result<Token, Setback> {
        let login = self.login();
        let next = format!("Run {login} again, for the tenant and the cloud that are meant.");
        let credential = self
            .credential()
            .map_err(|error| self.context.stopped(&error, &next))?;
        let error = match credential.get_token(&[scope], None).await {
            Ok(token) => return Ok(token_of(&token)),
            Err(error) => error,
        };
        let raw = error.to_string();
        if raw.contains("not found on PATH") || raw.contains("wasn't found on PATH") {
            return Err(Setback::absent("it is not installed (not found on PATH)"));
        }
        // A refusal by Entra ID also says "run az login", and it ends the search: somebody did sign in.
        if !raw.contains("AADSTS") && signed_out(&raw) {
            return Err(Setback::absent(format!(
                "nobody is signed in (run {login})"
            )));
        }
        Err(self.context.stopped(&error, &next))
    }
}

fn signed_out(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    [
        "please run 'az login'",
        "az login --identity",
        "please run: az login",
        "run \"az login\"",
        "no subscription found",
        "not logged in",
        "azd auth login",
    ]
    .iter()
    .any(|sign| text.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::access::tests::env;
    use crate::wire::cloud::Cloud;

    /// Runs a script of the test's in place of the tool.
    #[derive(Debug)]
    struct Script(&'static str);

    #[async_trait]
    impl Executor for Script {
        async fn run(&self, _program: &OsStr, _args: &[&OsStr]) -> io::Result<Output> {
            Killed
                .run(
                    OsStr::new("/bin/sh"),
                    &[OsStr::new("-c"), OsStr::new(self.0)],
                )
                .await
        }
    }

    fn tool(tool: Tool, script: &'static str) -> CommandLine {
        let context = Context::new(&Cloud::public(), env(&[])).expect("a context");
        CommandLine {
            context,
            tool,
            executor: Arc::new(Script(script)),
            limit: LIMIT,
        }
    }

    async fn run(which: Tool, script: &'static str) -> Result<Token, Setback> {
        tool(which, script)
            .acquire("https://management.azure.com/.default")
            .await
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_signed_in_tool_serves() {
        let az = run(
            Tool::Az,
            r#"echo '{"accessToken":"tok","expires_on":1700000000,"tokenType":"Bearer"}'"#,
        )
        .await
        .expect("az");
        assert_eq!(
            (
                az.secret.expose(),
                az.expires_on.map(time::OffsetDateTime::unix_timestamp)
            ),
            ("tok", Some(1_700_000_000))
        );
        let azd = run(
            Tool::Azd,
            r#"echo '{"token":"tok2","expiresOn":"2023-11-14T22:13:20Z"}'"#,
        )
        .await
        .expect("azd");
        assert_eq!(
            (
                azd.secret.expose(),
                azd.expires_on.map(time::OffsetDateTime::unix_timestamp)
            ),
            ("tok2", Some(1_700_000_000))
        );
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn missing_and_signed_out_lead_on_and_a_refusal_does_not() {
        let missing = run(Tool::Az, "exit 127").await;
        assert!(
            matches!(&missing, Err(Setback::Absent(why)) if why.contains("not installed")),
            "{missing:?}"
        );
        let out = run(
            Tool::Az,
            "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1",
        )
        .await;
        assert!(
            matches!(&out, Err(Setback::Absent(why)) if why.contains("az login")),
            "{out:?}"
        );
        let out = run(
            Tool::Azd,
            "echo 'ERROR: not logged in, run `azd auth login` to login' >&2; exit 1",
        )
        .await;
        assert!(
            matches!(&out, Err(Setback::Absent(why)) if why.contains("azd auth login")),
            "{out:?}"
        );
        let ended = run(
            Tool::Az,
            "echo 'ERROR: AADSTS70043: The refresh token eyJhbGciOiJub25lIn0.e30.c2ln has expired. Please run: az login' >&2; exit 1",
        )
        .await;
        let Err(Setback::Stop { why, next }) = ended else {
            panic!("{ended:?}")
        };
        assert!(
            why.contains("AADSTS70043") && !why.contains("eyJ") && next.contains("az login"),
            "{why} {next}"
        );
        let broken = run(Tool::Az, "echo 'Traceback' >&2; exit 1").await;
        assert!(matches!(broken, Err(Setback::Stop { .. })), "{broken:?}");
        let strange = run(Tool::Az, "echo '{\"accessToken\":\"hush\"}'").await;
        assert!(
            matches!(&strange, Err(Setback::Stop { why, .. }) if !why.contains("hush")),
            "{strange:?}"
        );
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_tool_that_hangs_is_ended() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("pid");
        let script: &'static str =
            Box::leak(format!("echo $$ > {}; exec sleep 60", file.display()).into_boxed_str());
        let mut slow = tool(Tool::Az, script);
        slow.limit = Duration::from_millis(1500);
        let chain = super::super::chain::Chain::new(vec![Box::new(slow)]);
        let error = super::super::cache::Acquire::acquire(&chain, "https://x/.default")
            .await
            .expect_err("it hangs")
            .to_string();
        assert!(error.contains("did not answer within 1.5 s"), "{error}");
        let pid = std::fs::read_to_string(&file)
            .expect("it ran")
            .trim()
            .to_owned();
        for _ in 0..100 {
            // A process that was killed and not yet collected has no command line any more.
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            if line.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("process {pid} still runs");
    }
}
