//! Departments and rooms of a hospital that does not exist: St. Brigid Regional.
//!
//! Invariant: a bigger fleet gets more departments, never fuller rooms: about one campus for every 6,000 devices and one
//! more ward for every 150.

use super::random::Random;

/// The sort of care that a department gives: what decides which devices it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Area {
    /// Nursing wards.
    Ward,
    /// Intensive care.
    Icu,
    /// Emergency.
    Emergency,
    /// Operating rooms and recovery.
    Theatre,
    /// Newborn care.
    Newborn,
    /// Labour and delivery.
    Labour,
    /// Imaging.
    Imaging,
    /// Laboratory, blood bank and pharmacy.
    Laboratory,
    /// Dialysis.
    Dialysis,
    /// Endoscopy.
    Endoscopy,
    /// Sterile processing.
    Sterile,
    /// Outpatient clinics.
    Clinic,
    /// The shared equipment pool.
    Pool,
    /// Public corridors and halls.
    Public,
}

/// One department with its rooms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Department {
    /// Its name.
    pub name: String,
    /// What care it gives.
    pub area: Area,
    /// Its rooms.
    pub rooms: Vec<String>,
    /// The third number of its network addresses.
    pub subnet: u16,
}

/// Fixed departments: name, care, room pattern, rooms.
const DEPARTMENTS: &[(&str, Area, &str, u16)] = &[
    ("Medical ICU", Area::Icu, "2101", 16),
    ("Surgical ICU", Area::Icu, "2201", 12),
    ("Cardiac Care Unit", Area::Icu, "2301", 10),
    ("Emergency", Area::Emergency, "ED-01", 24),
    ("Operating Rooms", Area::Theatre, "OR-01", 12),
    ("PACU", Area::Theatre, "PACU-01", 14),
    ("NICU", Area::Newborn, "3101", 12),
    ("Labor and Delivery", Area::Labour, "3201", 10),
    ("Radiology", Area::Imaging, "1101", 9),
    ("Laboratory", Area::Laboratory, "B101", 6),
    ("Pharmacy", Area::Laboratory, "B201", 3),
    ("Dialysis", Area::Dialysis, "1201", 12),
    ("Endoscopy", Area::Endoscopy, "1301", 5),
    ("Sterile Processing", Area::Sterile, "B301", 3),
    ("Cardiology Clinic", Area::Clinic, "C101", 8),
    ("Outpatient Surgery", Area::Clinic, "C201", 8),
    ("Equipment Pool", Area::Pool, "B401", 2),
    ("Public Areas", Area::Public, "Hall 1", 14),
];

const CAMPUSES: &[&str] = &[
    "",
    "North",
    "South",
    "Harbor",
    "Lakeside",
    "Hillcrest",
    "Valley",
    "Eastgate",
];

const WARD_SIDES: &[&str] = &["West", "East", "North", "South"];
const WARD_KINDS: &[&str] = &[
    "Medical",
    "Surgical",
    "Telemetry",
    "Orthopedics",
    "Oncology",
    "Neurology",
    "Pediatrics",
    "Rehab",
];

/// Every department for a fleet of this size.
pub fn departments(devices: u32) -> Vec<Department> {
    let campuses = (devices / 6_000 + 1).max(1);
    let wards = (devices / campuses / 150).clamp(2, 48);
    let mut out = Vec::new();
    for campus in 0..campuses {
        let within = |name: &str| match CAMPUSES.get(campus as usize) {
            Some(&"") => name.to_owned(),
            Some(campus) => format!("{campus} {name}"),
            None => format!("Campus {} {name}", campus + 1),
        };
        for (name, area, first, rooms) in DEPARTMENTS {
            out.push((within(name), *area, numbered(first, *rooms)));
        }
        for ward in 0..wards {
            let floor = 4 + ward as usize / WARD_SIDES.len();
            let side = WARD_SIDES[ward as usize % WARD_SIDES.len()];
            let kind = WARD_KINDS[ward as usize % WARD_KINDS.len()];
            let rooms = numbered(
                &format!("{floor}{}01", ward as usize % WARD_SIDES.len() + 1),
                18,
            );
            out.push((within(&format!("{floor} {side} {kind}")), Area::Ward, rooms));
        }
    }
    out.into_iter()
        .enumerate()
        .map(|(index, (name, area, rooms))| Department {
            name,
            area,
            rooms,
            subnet: index as u16,
        })
        .collect()
}

/// So many rooms, counted up from the first one's number.
fn numbered(first: &str, count: u16) -> Vec<String> {
    let digits = first.trim_start_matches(|c: char| !c.is_ascii_digit() || c == 'B' || c == 'C');
    let (head, number) = first.split_at(first.len() - digits.len());
    let start: u32 = number.parse().unwrap_or(1);
    let width = number.len();
    (0..u32::from(count))
        .map(|room| format!("{head}{:0width$}", start + room))
        .collect()
}

/// A room of a department in the words that technicians use.
pub fn room(department: &Department, random: &mut Random) -> String {
    let number = random.pick(&department.rooms).cloned().unwrap_or_default();
    match department.area {
        Area::Theatre if number.starts_with("OR") => number,
        Area::Theatre => format!("{number} bay"),
        Area::Emergency => format!("{number} bay"),
        Area::Public | Area::Laboratory | Area::Sterile => number,
        Area::Pool => format!("Room {number} shelf {}", random.between(1, 20)),
        _ if random.chance(120) => "Clean utility".to_owned(),
        _ => format!("Room {number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn departments_grow_with_the_fleet_and_never_share_a_name() {
        let mut last = 0;
        for devices in [1, 100, 1_500, 10_000, 100_000] {
            let list = departments(devices);
            let names: BTreeSet<&str> = list.iter().map(|d| d.name.as_str()).collect();
            assert_eq!(names.len(), list.len(), "{devices}");
            assert!(list.len() >= last, "{devices}");
            last = list.len();
            assert!(list.iter().all(|d| !d.rooms.is_empty()));
        }
        assert!(last > 300, "{last}");
        assert_eq!(numbered("OR-01", 2), ["OR-01", "OR-02"]);
        assert_eq!(numbered("B101", 2), ["B101", "B102"]);
        assert_eq!(numbered("Hall 1", 2), ["Hall 1", "Hall 2"]);
    }
}
