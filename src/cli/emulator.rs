//! `emulator`: serves an emulated Azure Machine Learning on this machine.

use super::commands::{EmulatorArgs, World};
use super::connect::{no_emulator, options};
use super::ending::Ending;
use super::screen;
use crate::emulator;

/// Runs it until it is interrupted.
pub(super) async fn run(args: EmulatorArgs) -> anyhow::Result<Ending> {
    let emulator = emulator::start(emulator::Options {
        origin: args.origin,
        blob_origin: args.blob_origin,
        ..options(&args.world, args.port)?
    })
    .await
    .map_err(|error| no_emulator(error, args.port))?;
    let world = match args.world.world {
        World::Contoso => "the world of Contoso, an invented company",
        World::Empty => "an empty world",
        World::Tenant => "the world of Contoso, an invented company with several subscriptions",
        World::Examples => "the examples of the published specification",
    };
    screen::data(&format!(
        "Serving {world} on {endpoint}. Press Ctrl-C to end.\n\nIn another terminal:\n\n  aml-dsr export --arm-endpoint {endpoint} --subscription {subscription} -g {group} -w {workspace} --output contoso-bag\n",
        endpoint = emulator.arm_endpoint(),
        subscription = emulator.subscription(),
        group = emulator.resource_group(),
        workspace = emulator.workspace(),
    ));
    if emulator.listens() != emulator.arm_endpoint() {
        screen::data(&format!("\nIt listens on {}.\n", emulator.listens()));
    }
    tokio::signal::ctrl_c().await?;
    emulator.stop().await;
    Ok(Ending::Done)
}
