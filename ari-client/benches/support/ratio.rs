//! Comparisons: how much CPU time our work takes, as a multiple of what the floor takes for the same.
//!
//! Both are measured in turns, so that what else the machine does at the moment weighs on both.

use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter};
use criterion::{Criterion, SamplingMode, Throughput};
use rustix::time::{ClockId, clock_gettime};

/// Criterion's measurement of multiples. Each bench gives its own figures (`iter_custom`).
#[derive(Debug)]
pub(crate) struct Multiple;

#[derive(Debug)]
struct Times;

/// One of the things that are compared.
pub(crate) struct Side<'s> {
    pub(crate) name: &'s str,
    /// Does the work once.
    pub(crate) pass: &'s mut dyn FnMut(),
}

/// A comparison of ours with the floor.
pub(crate) struct Comparison<'s> {
    pub(crate) name: &'s str,
    /// How often the floor our work may cost, where that is laid down.
    pub(crate) budget: Option<f64>,
    /// How many units of work a pass does.
    pub(crate) units: u32,
    pub(crate) ours: Side<'s>,
    pub(crate) floor: Side<'s>,
}

/// Criterion as the command line sets it.
pub(crate) fn criterion() -> Criterion<Multiple> {
    Criterion::default()
        .with_measurement(Multiple)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(8))
        .sample_size(40)
        .configure_from_args()
}

impl Comparison<'_> {
    /// Measures, and prints a line of the budget's table.
    pub(crate) fn run(self, criterion: &mut Criterion<Multiple>) {
        let Self {
            name,
            budget,
            units,
            ours,
            floor,
        } = self;
        let mut pairs = Vec::new();
        let mut group = criterion.benchmark_group(name);
        group
            .sampling_mode(SamplingMode::Flat)
            .throughput(Throughput::Elements(units.into()));
        group.bench_function(format!("{} / {}", ours.name, floor.name), |bench| {
            bench.iter_custom(|passes| {
                let mut multiples = 0.0;
                for _ in 0..passes {
                    let pair = (cpu_time_of(&mut *ours.pass), cpu_time_of(&mut *floor.pass));
                    multiples += pair.0.div_duration_f64(pair.1);
                    pairs.push(pair);
                }
                multiples
            });
        });
        group.finish();
        if pairs.is_empty() {
            return; // Not asked for.
        }
        let micros = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(units);
        let ours = micros(median(pairs.iter().map(|pair| pair.0)));
        let floor = micros(median(pairs.iter().map(|pair| pair.1)));
        let multiple = ours / floor;
        let verdict = match budget {
            Some(budget) if multiple <= budget => format!("budget {budget} x"),
            Some(budget) => format!("OVER its budget of {budget} x"),
            None => "no budget".into(),
        };
        println!("| {name} | {ours:.2} µs | {floor:.2} µs | {multiple:.2} x | {verdict} |\n");
    }
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// The CPU time that this process takes for `work`, its threads together.
pub(crate) fn cpu_time_of(work: &mut dyn FnMut()) -> Duration {
    let start = cpu_time();
    work();
    cpu_time() - start
}

fn cpu_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap()
}

impl Measurement for Multiple {
    type Intermediate = ();
    type Value = f64;

    fn start(&self) {}

    fn end(&self, (): ()) -> f64 {
        f64::NAN // A bench that is not measured by `iter_custom` has no figure.
    }

    fn add(&self, one: &f64, other: &f64) -> f64 {
        one + other
    }

    fn zero(&self) -> f64 {
        0.0
    }

    fn to_f64(&self, value: &f64) -> f64 {
        *value
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        &Times
    }
}

impl ValueFormatter for Times {
    fn scale_values(&self, _: f64, _: &mut [f64]) -> &'static str {
        "x"
    }

    fn scale_throughputs(&self, _: f64, _: &Throughput, _: &mut [f64]) -> &'static str {
        "x"
    }

    fn scale_for_machines(&self, _: &mut [f64]) -> &'static str {
        "x"
    }
}
