//! How much a plan may take. A set that is larger than expected is no set to take a part of: nothing is planned at all.

use super::Refusal;
use super::decide::Options;

/// Refuses what is more than allowed: `wanted` of `all` items. A whole workspace asks for its name instead.
pub fn check(wanted: u64, all: u64, options: &Options) -> Result<(), Refusal> {
    if options.whole {
        return Ok(());
    }
    if wanted > options.max_items {
        return Err(Refusal::TooMany {
            wanted,
            allowed: options.max_items,
        });
    }
    if wanted.saturating_mul(100) > all.saturating_mul(options.max_percent.into()) {
        return Err(Refusal::TooMuch {
            wanted,
            all,
            percent: wanted.saturating_mul(100).div_ceil(all.max(1)),
            allowed: options.max_percent,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(max_items: u64, max_percent: u32) -> Options {
        Options {
            max_items,
            max_percent,
            ..Options::default()
        }
    }

    #[test]
    fn at_most_means_that_many_and_no_more() {
        let options = limits(10, 25);
        assert_eq!(check(10, 40, &options), Ok(()));
        assert_eq!(
            check(11, 1_000, &options),
            Err(Refusal::TooMany {
                wanted: 11,
                allowed: 10
            })
        );
        assert_eq!(
            check(10, 39, &options),
            Err(Refusal::TooMuch {
                wanted: 10,
                all: 39,
                percent: 26,
                allowed: 25
            })
        );
        assert_eq!(check(0, 0, &options), Ok(()));
    }

    #[test]
    fn what_a_refusal_advises_is_enough() {
        for (wanted, all) in [(1, 3), (2, 3), (999, 1_000), (7, 7), (1_001, 100_000)] {
            let mut options = limits(1_000, 25);
            for _ in 0..2 {
                match check(wanted, all, &options) {
                    Err(Refusal::TooMany { wanted, .. }) => options.max_items = wanted,
                    Err(Refusal::TooMuch { percent, .. }) => {
                        options.max_percent = u32::try_from(percent).expect("a percentage");
                    }
                    _ => {}
                }
            }
            assert_eq!(check(wanted, all, &options), Ok(()), "{wanted} of {all}");
        }
    }

    #[test]
    fn a_sentence_names_both_numbers_and_the_option() {
        let text = check(1_204, 90_000, &limits(1_000, 25))
            .expect_err("too many")
            .to_string();
        assert!(text.contains("1204") && text.contains("1000") && text.contains("--max-items"));
        let text = check(3, 4, &limits(1_000, 25))
            .expect_err("too much")
            .to_string();
        assert!(
            text.contains("75 %") && text.contains("25 %") && text.contains("--max-percent 75")
        );
    }

    #[test]
    fn a_whole_workspace_is_not_held_to_a_share_of_itself() {
        let whole = Options {
            whole: true,
            ..limits(1, 1)
        };
        assert_eq!(check(5_000, 5_000, &whole), Ok(()));
    }
}
