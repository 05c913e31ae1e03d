const FEW: usize = 24;
const MOST_RUNS: usize = 4;

fn insertion(xs: &mut [f64]) {
    for at in 1..xs.len() {
        let x = xs[at];
        let mut place = at;
        while place > 0 && xs[place - 1] > x {
            xs[place] = xs[place - 1];
            place -= 1;
        }
        xs[place] = x;
    }
}

fn heap(xs: &mut [f64]) {
    fn down(xs: &mut [f64], mut root: usize) {
        loop {
            let mut child = 2 * root + 1;
            if child >= xs.len() {
                return;
            }
            if child + 1 < xs.len() && xs[child + 1] > xs[child] {
                child += 1;
            }
            if xs[root] >= xs[child] {
                return;
            }
            xs.swap(root, child);
            root = child;
        }
    }
    for root in (0..xs.len() / 2).rev() {
        down(xs, root);
    }
    for end in (1..xs.len()).rev() {
        xs.swap(0, end);
        down(&mut xs[..end], 0);
    }
}

fn merge(left: &[f64], right: &[f64], out: &mut [f64]) {
    let (mut a, mut b) = (0, 0);
    for slot in out {
        let from_left = b == right.len() || (a < left.len() && left[a] <= right[b]);
        if from_left {
            *slot = left[a];
            a += 1;
        } else {
            *slot = right[b];
            b += 1;
        }
    }
}

/// Turns every stretch that falls around, and says where they begin; too many are none.
fn runs(xs: &mut [f64]) -> Option<Vec<usize>> {
    let mut starts = vec![0];
    let mut at = 0;
    while at < xs.len() {
        if starts.len() > MOST_RUNS {
            return None;
        }
        let rest = &xs[at..];
        let rising = rest.windows(2).take_while(|pair| pair[0] <= pair[1]).count() + 1;
        let length = if rising > 1 || rest.len() < 2 {
            rising
        } else {
            let falling = rest.windows(2).take_while(|pair| pair[0] > pair[1]).count() + 1;
            xs[at..at + falling].reverse();
            falling
        };
        at += length;
        starts.push(at);
    }
    Some(starts)
}

/// Puts values into buckets by where they lie between the least and the greatest, and sorts what is in each.
fn buckets(xs: &mut [f64], depth: usize) {
    let (mut least, mut greatest) = ([f64::MAX; 8], [f64::MIN; 8]);
    for part in xs.chunks(8) {
        for (at, &x) in part.iter().enumerate() {
            least[at] = if x < least[at] { x } else { least[at] };
            greatest[at] = if x > greatest[at] { x } else { greatest[at] };
        }
    }
    let least = least.into_iter().fold(f64::MAX, f64::min);
    let greatest = greatest.into_iter().fold(f64::MIN, f64::max);
    let count = xs.len() / 2 + 1;
    let scale = (count - 1) as f64 / (greatest - least);
    if depth == 0 || !scale.is_finite() || scale <= 0.0 {
        if greatest > least {
            heap(xs);
        }
        return;
    }
    let bucket = |x: f64| ((x - least) * scale) as u32;
    let mut ends = vec![0u32; count + 1];
    let mut wide = 0;
    let places: Vec<u32> = xs.iter().map(|&x| bucket(x)).collect();
    for &place in &places {
        ends[place as usize + 1] += 1;
    }
    let mut sum = 0;
    for end in &mut ends {
        wide = wide.max(*end);
        sum += *end;
        *end = sum;
    }
    let from = xs.to_vec();
    for (&x, &place) in from.iter().zip(&places) {
        let end = &mut ends[place as usize];
        xs[*end as usize] = x;
        *end += 1;
    }
    if wide as usize > FEW {
        // `ends` now says where buckets end.
        let mut start = 0;
        for &end in &ends[..count] {
            let inside = &mut xs[start..end as usize];
            if inside.len() > FEW && inside.windows(2).any(|pair| pair[0] > pair[1]) {
                buckets(inside, depth - 1);
            }
            start = end as usize;
        }
    }
    insertion(xs);
}

/// Merges neighbours until one stretch is left; `starts` are where they begin, and the end.
fn merge_runs(xs: &mut [f64], mut starts: Vec<usize>) {
    let mut other = xs.to_vec();
    while starts.len() > 2 {
        for pair in (0..starts.len() - 1).step_by(2) {
            let (start, middle) = (starts[pair], starts[pair + 1]);
            let end = *starts.get(pair + 2).unwrap_or(&middle);
            merge(&xs[start..middle], &xs[middle..end], &mut other[start..end]);
        }
        xs.copy_from_slice(&other);
        let last = starts[starts.len() - 1];
        starts = starts.into_iter().step_by(2).collect();
        if starts[starts.len() - 1] != last {
            starts.push(last);
        }
    }
}

pub fn sort(xs: &mut [f64]) {
    if xs.len() <= FEW {
        insertion(xs);
    } else if let Some(starts) = runs(xs) {
        merge_runs(xs, starts);
    } else {
        buckets(xs, 3);
    }
}
