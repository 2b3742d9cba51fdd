//! Certificates for tests of TLS: an authority, and what it signs for servers and for organisations.

use std::net::{IpAddr, UdpSocket};

use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, KeyPair, SanType};
use talea_types::ParticipantId;

/// Who signs certificates.
pub struct Authority {
    certificate: Certificate,
    key: KeyPair,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { certificate, key }
    }

    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// Certificate and key, PEM.
    pub fn sign(&self, names: Vec<SanType>) -> (String, String) {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.subject_alt_names = names;
        let key = KeyPair::generate().unwrap();
        let certificate = params
            .signed_by(&key, &self.certificate, &self.key)
            .unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    pub fn server(&self, addresses: &[IpAddr]) -> (String, String) {
        self.sign(addresses.iter().copied().map(SanType::IpAddress).collect())
    }

    pub fn organisation(&self, id: &ParticipantId) -> (String, String) {
        let name = format!("talea:{id}");
        self.sign(vec![SanType::URI(name.try_into().unwrap())])
    }
}

/// An address of this machine that is not its loopback; nothing is sent to find it.
pub fn outside_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}
