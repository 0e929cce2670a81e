//! CPU and memory of a task: how they are written, and which of them Fargate has.

/// How the CPU of a task is written, for a hint.
pub(crate) const CPU: &str = "CPU units as 256, or '.25 vCPU'";
/// The same for its memory.
pub(crate) const MEMORY: &str = "MiB as 512, or '0.5 GB'";

/// Units in a vCPU, and MiB in a GB.
const THOUSAND: f64 = 1024.0;

/// CPU, the least and the most memory for it, and the steps between them: what Fargate has. Model,
/// `RegisterTaskDefinitionRequest$memory`; <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html>.
const FARGATE: [(u32, u32, u32, u32); 8] = [
    (256, 512, 512, 512),
    (256, 1024, 2048, 1024),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122_880, 8192),
];

/// CPU units, or vCPUs. Model, `RegisterTaskDefinitionRequest$cpu`: "1024 … or 1 vCPU or 1 vcpu".
pub(crate) fn cpu_units(text: &str) -> Option<u32> {
    plain_or(text, "vcpu")
}

/// MiB, or GB. Model, `RegisterTaskDefinitionRequest$memory`: "1024 … or 1GB or 1 GB".
pub(crate) fn mebibytes(text: &str) -> Option<u32> {
    plain_or(text, "gb")
}

fn plain_or(text: &str, unit: &str) -> Option<u32> {
    let text = text.trim().to_lowercase();
    match text.strip_suffix(unit) {
        None => text.bytes().all(|c| c.is_ascii_digit()).then(|| text.parse().ok())?,
        Some(number) => {
            let number = number.trim();
            let is_decimal = number.bytes().all(|c| c.is_ascii_digit() || c == b'.');
            whole(is_decimal.then(|| number.parse::<f64>().ok())?? * THOUSAND)
        }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be small and not negative")]
fn whole(number: f64) -> Option<u32> {
    (0.0..1e9).contains(&number).then(|| number.round() as u32)
}

/// The memory that Fargate has for a CPU, in words; `None` where it has no such CPU.
fn memory_of(cpu: u32) -> Option<String> {
    let rows = FARGATE.iter().filter(|row| row.0 == cpu);
    let words: Vec<String> = rows
        .map(
            |(_, least, most, step)| {
                if least == most { least.to_string() } else { format!("{least} to {most} in steps of {step}") }
            },
        )
        .collect();
    (!words.is_empty()).then(|| words.join(", or "))
}

/// What is wrong with a pair that Fargate does not have, and what is right.
pub(super) fn no_fargate_size(cpu: u32, memory: u32) -> Option<(String, String)> {
    let has = |(of, least, most, step): &(u32, u32, u32, u32)| {
        *of == cpu && (*least..=*most).contains(&memory) && (memory - least).is_multiple_of(*step)
    };
    if FARGATE.iter().any(has) {
        return None;
    }
    let newer = "a newer release may know sizes that AWS has added since";
    if let Some(words) = memory_of(cpu) {
        return Some((
            format!("is {memory} MiB, which Fargate does not have with {cpu} CPU units"),
            format!("with {cpu} CPU units: {words} MiB; {newer}"),
        ));
    }
    let mut all: Vec<String> = FARGATE.iter().map(|row| row.0.to_string()).collect();
    all.dedup();
    Some((
        format!("is {memory} MiB, and Fargate has no task with {cpu} CPU units"),
        format!("CPU units on Fargate: {}; {newer}", all.join(", ")),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_and_memory_are_read_in_both_spellings() {
        for (text, units) in [
            ("256", Some(256)),
            (" 1024 ", Some(1024)),
            (".25 vCPU", Some(256)),
            ("1 vcpu", Some(1024)),
            ("0.125vCPU", Some(128)),
            ("", None),
            ("vCPU", None),
            ("one", None),
            ("-1", None),
            ("0x100", None),
            ("1e3", None),
            ("inf vCPU", None),
            ("256 units", None),
            ("1.5", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(cpu_units(text), units, "{text:?}");
        }
        for (text, mib) in
            [("512", Some(512)), ("0.5GB", Some(512)), ("2 GB", Some(2048)), ("2 MB", None), ("2G", None)]
        {
            assert_eq!(mebibytes(text), mib, "{text:?}");
        }
    }

    #[test]
    fn fargate_has_the_sizes_of_its_table_and_no_other() {
        for (cpu, memory) in [
            (256, 512),
            (256, 1024),
            (256, 2048),
            (512, 4096),
            (1024, 5120),
            (4096, 30720),
            (8192, 20480),
            (16384, 40960),
        ] {
            assert_eq!(no_fargate_size(cpu, memory), None, "{cpu} {memory}");
        }
        for (cpu, memory) in
            [(256, 1536), (256, 4096), (512, 512), (1024, 1024), (8192, 17408), (16384, 36864), (300, 512)]
        {
            assert!(no_fargate_size(cpu, memory).is_some(), "{cpu} {memory}");
        }
        let (_, right) = no_fargate_size(256, 4096).unwrap();
        assert!(right.contains("512, or 1024 to 2048 in steps of 1024 MiB"), "{right}");
        let (_, right) = no_fargate_size(300, 512).unwrap();
        assert!(right.contains("256, 512, 1024, 2048, 4096, 8192, 16384"), "{right}");
    }
}
