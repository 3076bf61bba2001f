//! nginx as the simplest thing that could stand in our place: `proxy_pass` with keep-alive.

use super::process::{Running, free_port, program};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A running nginx.
pub(crate) struct Nginx {
    pub(crate) process: Running,
    pub(crate) port: u16,
}

impl Nginx {
    /// Starts one in front of `upstream`; with `log`, a line of JSON per request is written too.
    pub(crate) async fn start(dir: &Path, upstream: u16, log: bool) -> Option<Self> {
        let Some(program) = program(&["nginx", "/usr/sbin/nginx"]) else {
            println!("skipped: nginx was not found, so there is nothing to compare with");
            return None;
        };
        let dir = dir.join(if log { "nginx-log" } else { "nginx" });
        std::fs::create_dir_all(&dir).expect("a folder");
        let port = free_port();
        let place = dir.display();
        let access = if log {
            format!(
                "log_format json escape=json '{{\"at\":\"$msec\",\"request\":\"$request\",\
                 \"status\":\"$status\",\"bytes\":\"$body_bytes_sent\",\"took\":\"$request_time\"}}';\n\
                 access_log {place}/access.log json;"
            )
        } else {
            "access_log off;".to_owned()
        };
        let text = format!(
            "daemon off; worker_processes 2; pid {place}/pid; error_log {place}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ {access}\n\
             client_body_temp_path {place}/body; proxy_temp_path {place}/proxy;\n\
             fastcgi_temp_path {place}/f; uwsgi_temp_path {place}/u; scgi_temp_path {place}/s;\n\
             keepalive_requests 100000000;\n\
             upstream exchange {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 100000000; }}\n\
             server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://exchange;\n\
             proxy_http_version 1.1; proxy_set_header Connection \"\"; }} }} }}\n"
        );
        let conf = dir.join("nginx.conf");
        std::fs::write(&conf, text).expect("a file");
        let mut command = Command::new(program);
        command
            .arg("-c")
            .arg(&conf)
            .arg("-p")
            .arg(&dir)
            .stderr(Stdio::null());
        let process = Running::start(&mut command);
        for _try in 0..100 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port))
                .await
                .is_ok()
            {
                return Some(Self { process, port });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nginx does not listen");
    }
}
