const LINES: [[usize; 3]; 8] = [
    [0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6],
];

fn wins(board: &[u8; 9], player: u8) -> bool {
    LINES.iter().any(|line| line.iter().all(|&place| board[place] == player))
}

/// What the board is worth with `player` to move: against perfect play, and on average against random moves.
fn worth(board: &mut [u8; 9], player: u8, me: u8) -> (i32, f64) {
    if wins(board, 3 - player) {
        let sign = if player == me { -1 } else { 1 };
        return (sign, sign as f64);
    }
    let mut values = Vec::new();
    for place in 0..9 {
        if board[place] == 0 {
            board[place] = player;
            values.push(worth(board, 3 - player, me));
            board[place] = 0;
        }
    }
    if values.is_empty() {
        (0, 0.0)
    } else if player == me {
        values.into_iter().max_by(|a, b| a.partial_cmp(b).unwrap()).unwrap()
    } else {
        let least = values.iter().map(|value| value.0).min().unwrap();
        (least, values.iter().map(|value| value.1).sum::<f64>() / values.len() as f64)
    }
}

pub fn choose_move(board: &[u8], player: u8) -> usize {
    let mut board: [u8; 9] = board.try_into().unwrap();
    if board.iter().all(|&field| field == 0) {
        return 0;
    }
    let mut best = (9, (-2, -2.0));
    for place in 0..9 {
        if board[place] == 0 {
            board[place] = player;
            let value = worth(&mut board, 3 - player, player);
            board[place] = 0;
            if best.0 == 9 || value > best.1 {
                best = (place, value);
            }
        }
    }
    best.0
}
