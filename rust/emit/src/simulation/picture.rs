//! `simulation.svg`: how full each filesystem is over the days. It needs nothing but itself, and reads on light and
//! on dark ground.

use std::fmt::Write;

use podman_btrfs_core::simulate::{FilesystemYear, Simulation};

use super::months;

const WIDTH: f64 = 860.0;
/// Of the drawing of one filesystem, with title and months.
const HEIGHT: f64 = 330.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 610.0;
const TOP: f64 = 46.0;
const BOTTOM: f64 = 290.0;
/// A point each so many days is enough for the eye.
const STEP: usize = 7;

const STYLE: &str = "<style>
text { font: 12px sans-serif; fill: #24292f }
.title { font-weight: bold; font-size: 14px }
.axis, .grid { stroke: #8c959f; stroke-width: 1; fill: none }
.grid { stroke-opacity: .35 }
.limit { stroke: #cf222e; stroke-width: 1.5; stroke-dasharray: 6 4 }
.usable { stroke: #cf222e; stroke-width: 1.5 }
.v0 { fill: #0969da } .v1 { fill: #1a7f37 } .v2 { fill: #bf8700 } .v3 { fill: #8250df } .v4 { fill: #bc4c00 }
.v5 { fill: #6e7781 }
.held { fill-opacity: .45 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .limit, .usable { stroke: #ff7b72 }
  .v0 { fill: #58a6ff } .v1 { fill: #56d364 } .v2 { fill: #e3b341 } .v3 { fill: #bc8cff } .v4 { fill: #f0883e }
}
</style>
";

/// The picture of all filesystems of which something is known.
pub(super) fn draw(simulation: &Simulation) -> String {
    let shown: Vec<&FilesystemYear> = simulation
        .filesystems
        .iter()
        .filter(|year| year.tells())
        .collect();
    let height = HEIGHT * f64::from(u32::try_from(shown.len()).unwrap_or(1));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"How full each filesystem is over {} days\">\n{STYLE}",
        simulation.span.days
    );
    let mut above = 0.0;
    for year in shown {
        let _ = writeln!(svg, "<g transform=\"translate(0 {above})\">");
        Drawing::new(simulation, year).draw(&mut svg);
        svg.push_str("</g>\n");
        above += HEIGHT;
    }
    svg.push_str("</svg>\n");
    svg
}

/// One layer of the stack: a name, its class, and bytes by day.
struct Layer {
    name: String,
    class: String,
    bytes: Vec<u64>,
}

struct Drawing<'s> {
    simulation: &'s Simulation,
    year: &'s FilesystemYear,
    highest: u64,
}

impl<'s> Drawing<'s> {
    fn new(simulation: &'s Simulation, year: &'s FilesystemYear) -> Self {
        let held = year.live.iter().zip(&year.snapshots);
        let most = held.map(|(live, held)| live.saturating_add(*held)).max();
        let usable = year.room.map_or(0, |room| room.usable);
        Self {
            simulation,
            year,
            highest: most.unwrap_or(0).max(usable).max(1),
        }
    }

    fn draw(&self, svg: &mut String) {
        let _ = writeln!(
            svg,
            "<text class=\"title\" x=\"{LEFT}\" y=\"24\">{}: {}</text>",
            escape(&self.year.name),
            self.headline()
        );
        self.grid(svg);
        let layers = self.layers();
        self.stack(svg, &layers);
        self.limits(svg);
        let _ = writeln!(
            svg,
            "<path class=\"axis\" d=\"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}\"/>"
        );
        legend(svg, &layers);
    }

    fn headline(&self) -> String {
        match &self.year.fill {
            Some(fill) => format!("full on day {} ({})", fill.day + 1, fill.date),
            None => format!("room for {} days", self.simulation.span.days),
        }
    }

    /// Each of the heaviest volumes with its snapshots above it, then all others.
    fn layers(&self) -> Vec<Layer> {
        let mut layers = Vec::new();
        let mut others: Vec<u64> = self
            .year
            .live
            .iter()
            .zip(&self.year.snapshots)
            .map(|(live, held)| live.saturating_add(*held))
            .collect();
        for (number, (name, live, held)) in self.year.heaviest.iter().enumerate() {
            for (all, (live, held)) in others.iter_mut().zip(live.iter().zip(held)) {
                *all = all.saturating_sub(live.saturating_add(*held));
            }
            layers.push(Layer {
                name: name.clone(),
                class: format!("v{number}"),
                bytes: live.clone(),
            });
            if held.iter().any(|held| *held > 0) {
                layers.push(Layer {
                    name: format!("{name}, in snapshots"),
                    class: format!("v{number} held"),
                    bytes: held.clone(),
                });
            }
        }
        if others.iter().any(|bytes| *bytes > 0) {
            layers.push(Layer {
                name: "all others".into(),
                class: "v5".into(),
                bytes: others,
            });
        }
        layers
    }

    fn stack(&self, svg: &mut String, layers: &[Layer]) {
        let days = self.days();
        let mut below = vec![0_u64; days.len()];
        for layer in layers {
            let above: Vec<u64> = days
                .iter()
                .zip(&below)
                .map(|(day, below)| {
                    below.saturating_add(layer.bytes.get(*day).copied().unwrap_or(0))
                })
                .collect();
            let forth = days
                .iter()
                .zip(&above)
                .map(|(day, bytes)| self.point(*day, *bytes));
            let back = days
                .iter()
                .zip(&below)
                .rev()
                .map(|(day, bytes)| self.point(*day, *bytes));
            let points: Vec<String> = forth.chain(back).collect();
            let _ = writeln!(
                svg,
                "<polygon class=\"{}\" points=\"{}\"/>",
                layer.class,
                points.join(" ")
            );
            below = above;
        }
    }

    fn days(&self) -> Vec<usize> {
        let all = self.year.live.len();
        let mut days: Vec<usize> = (0..all).step_by(STEP).collect();
        if let Some(last) = all.checked_sub(1)
            && days.last() != Some(&last)
        {
            days.push(last);
        }
        days
    }

    fn limits(&self, svg: &mut String) {
        let Some(room) = self.year.room else { return };
        let lines = [
            ("usable", room.usable, "all that fits"),
            ("limit", room.usable - room.reserve, "beside the reserve"),
        ];
        for (class, bytes, name) in lines {
            let y = self.y(bytes);
            let _ = writeln!(
                svg,
                "<path class=\"{class}\" d=\"M{LEFT} {y:.1}H{RIGHT}\"><title>{name}: {}</title></path>",
                size(bytes)
            );
        }
    }

    fn grid(&self, svg: &mut String) {
        for quarter in 0..=4_u64 {
            let bytes = self.highest / 4 * quarter;
            let y = self.y(bytes);
            let _ = writeln!(
                svg,
                "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 6.0,
                y + 4.0,
                size(bytes)
            );
        }
        let months = months(self.simulation);
        // Twelve names have room below the axis.
        for (day, month) in months.iter().step_by(months.len().div_ceil(12).max(1)) {
            let x = self.x(*day as usize);
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"end\">{}</text>",
                BOTTOM + 18.0,
                month.get(2..).unwrap_or(month)
            );
        }
    }

    fn point(&self, day: usize, bytes: u64) -> String {
        format!("{:.1},{:.1}", self.x(day), self.y(bytes))
    }

    fn x(&self, day: usize) -> f64 {
        let days = u32::try_from(self.year.live.len().saturating_sub(1))
            .unwrap_or(1)
            .max(1);
        let day = u32::try_from(day).unwrap_or(days);
        LEFT + (RIGHT - LEFT) * f64::from(day) / f64::from(days)
    }

    fn y(&self, bytes: u64) -> f64 {
        // A ten-thousandth of the height is less than the picture shows.
        let parts = u128::from(bytes) * 10_000 / u128::from(self.highest);
        BOTTOM - (BOTTOM - TOP) * f64::from(u32::try_from(parts).unwrap_or(10_000)) / 10_000.0
    }
}

fn legend(svg: &mut String, layers: &[Layer]) {
    let mut y = TOP + 6.0;
    for layer in layers.iter().rev() {
        let _ = writeln!(
            svg,
            "<rect class=\"{}\" x=\"{}\" y=\"{y}\" width=\"12\" height=\"12\"/><text x=\"{}\" y=\"{}\">{}</text>",
            layer.class,
            RIGHT + 16.0,
            RIGHT + 34.0,
            y + 10.0,
            escape(&layer.name)
        );
        y += 19.0;
    }
    let _ = writeln!(
        svg,
        "<path class=\"limit\" d=\"M{} {}h12\"/><text x=\"{}\" y=\"{}\">what fits beside the reserve</text>",
        RIGHT + 16.0,
        y + 6.0,
        RIGHT + 34.0,
        y + 10.0
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A number of bytes with three digits or so.
fn size(bytes: u64) -> String {
    super::size(bytes)
}
