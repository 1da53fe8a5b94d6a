//! Pushes with the crate prometheus: push <operation> <url> <job> [<label> <value>]...

use std::collections::HashMap;
use std::env;

use prometheus::{BasicAuthentication, Histogram, HistogramOpts, IntCounter, IntGauge, Opts, Registry};

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let (operation, url, job) = (&args[0], &args[1], &args[2]);
    let grouping: HashMap<String, String> = args[3..].chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();

    let registry = Registry::new();
    let files = IntCounter::with_opts(Opts::new("backup_files_total", "Files that were saved.")).unwrap();
    let size = IntGauge::with_opts(Opts::new("backup_size_bytes", "Size of the backup.").const_label("disk", "sda")).unwrap();
    let duration = Histogram::with_opts(HistogramOpts::new("backup_duration_seconds", "Time per file.").buckets(vec![1.0, 10.0])).unwrap();
    registry.register(Box::new(files.clone())).unwrap();
    registry.register(Box::new(size.clone())).unwrap();
    registry.register(Box::new(duration.clone())).unwrap();
    files.inc_by(3);
    size.set(4096);
    duration.observe(0.5);
    duration.observe(20.0);

    let auth = env::var("PUSH_USERNAME")
        .ok()
        .map(|username| BasicAuthentication { username, password: env::var("PUSH_PASSWORD").unwrap() });
    let pushed = match operation.as_str() {
        "push" => prometheus::push_metrics(job, grouping, url, registry.gather(), auth),
        "add" => prometheus::push_add_metrics(job, grouping, url, registry.gather(), auth),
        _ => panic!("no operation {operation}"),
    };
    match pushed {
        Ok(()) => println!("ok"),
        Err(err) => println!("error: {err}"),
    }
}
