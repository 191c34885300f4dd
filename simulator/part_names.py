"""Portuguese names of parts: families of each category, with the pieces their descriptions are made of."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True)
class Family:
    """A family of parts: descriptions are every combination of base, specification and variant."""

    name: str
    unit: str
    bases: tuple[str, ...]
    specifications: tuple[str, ...]
    variants: tuple[str, ...]

    def descriptions(self) -> list[str]:
        """All descriptions, distinct, in a fixed order."""
        return [" ".join(filter(None, parts)) for parts in product(self.bases, self.specifications, self.variants)]


FAMILIES: dict[str, tuple[Family, ...]] = {
    "CONECTORES E JUMPERS RF": (
        Family(
            "CONECTORES",
            "UN",
            ("CONECTOR N MACHO", "CONECTOR N FÊMEA", "CONECTOR DIN 7/16 MACHO", "CONECTOR DIN 7/16 FÊMEA"),
            ("RG-213", "RG-58", 'CABO 1/2"', 'CABO 7/8"', "LMR-400", 'CABO 1/2" SUPERFLEX'),
            ("RETO", "90 GRAUS", "CRIMPAR", "PRENSA-CABO"),
        ),
        Family(
            "JUMPERS",
            "PC",
            (
                "JUMPER 4.3-10 / 7/16",
                "JUMPER N / N",
                "JUMPER 7/16 / N",
                "JUMPER 4.3-10 / 4.3-10",
                "JUMPER NEX10 / 4.3-10",
            ),
            ('1/2" SF', '3/8" SF', "LMR-600"),
            ("1 M", "2 M", "3 M", "5 M", "8 M"),
        ),
        Family(
            "ADAPTADORES",
            "UN",
            ("ADAPTADOR N FÊMEA / SMA", "ADAPTADOR 7/16 / N", "CARGA 50 OHMS N", "ATENUADOR N", "DUPLEXADOR"),
            ("2 GHZ", "3,5 GHZ", "6 GHZ"),
            ("5 W", "10 W", "50 W", "100 W"),
        ),
    ),
    "MÓDULOS RF E ANTENAS": (
        Family(
            "ANTENAS",
            "UN",
            ("ANTENA PAINEL", "ANTENA SETORIAL", "ANTENA PARABÓLICA 0,6 M", "ANTENA MASSIVE MIMO"),
            ("700/850 MHZ", "1800/2100 MHZ", "2600 MHZ", "3500 MHZ"),
            ("65 GRAUS", "33 GRAUS", "QUADRIBANDA"),
        ),
        Family(
            "MÓDULOS RF",
            "PC",
            ("MÓDULO RRU", "MÓDULO BBU", "PLACA DE BANDA BASE", "TRANSCEPTOR SFP+"),
            ("B28", "B3", "B7", "N78"),
            ("2T2R", "4T4R", "8T8R"),
        ),
    ),
    "BATERIAS E RETIFICADORES": (
        Family(
            "BATERIAS",
            "UN",
            ("BATERIA VRLA", "BATERIA LÍTIO LFP", "BATERIA CHUMBO OPZV"),
            ("12 V", "48 V", "2 V"),
            ("50 AH", "100 AH", "150 AH", "170 AH", "200 AH", "220 AH"),
        ),
        Family(
            "RETIFICADORES",
            "UN",
            ("RETIFICADOR CHAVEADO", "UNIDADE RETIFICADORA", "CONVERSOR CC/CC", "INVERSOR CC/CA"),
            ("48 V", "24 V"),
            ("10 A", "25 A", "30 A", "50 A", "100 A"),
        ),
        Family(
            "SUPERVISÃO DE ENERGIA",
            "PC",
            ("PLACA DE SUPERVISÃO", "SENSOR DE TEMPERATURA", "UNIDADE DE SUPERVISÃO CC", "DISJUNTOR LVD"),
            ("48 V", "RS-485", "SNMP", "ETHERNET"),
            ("TIPO I", "TIPO II", "TIPO III"),
        ),
    ),
    "CABOS COAXIAIS E FIBRA": (
        Family(
            "CABOS COAXIAIS",
            "MT",
            ("CABO COAXIAL RG-213", 'CABO COAXIAL 1/2"', 'CABO COAXIAL 7/8"', "CABO COAXIAL LMR-400", 'GUIA 1 1/4"'),
            ("50 OHMS", "FOAM", "SUPERFLEX", "ANTICHAMA"),
            ("PRETO", "BLINDADO", "LSZH"),
        ),
        Family(
            "FIBRA ÓPTICA",
            "MT",
            ("CABO ÓPTICO CFOA-SM", "CABO ÓPTICO DROP", "CABO HÍBRIDO ENERGIA/FIBRA", "CABO ÓPTICO FTTA"),
            ("2 FO", "4 FO", "6 FO", "12 FO", "24 FO", "36 FO"),
            ("AS-80", "AS-120", "INTERNO", "ARMADO"),
        ),
        Family(
            "CORDÕES E CAIXAS ÓPTICAS",
            "PC",
            ("CORDÃO ÓPTICO LC/LC", "CORDÃO ÓPTICO SC/LC", "CAIXA DE EMENDA", "DIO 19 POL"),
            ("MONOMODO", "MULTIMODO", "DUPLEX", "SIMPLEX"),
            ("2 M", "5 M", "10 M", "20 M", "50 M"),
        ),
    ),
    "ATERRAMENTO, SPDA E DPS": (
        Family(
            "ATERRAMENTO",
            "MT",
            ("CABO DE COBRE NU", "CORDOALHA DE COBRE", "CABO DE AÇO COBREADO", "FITA DE ALUMÍNIO"),
            ("16 MM2", "25 MM2", "35 MM2", "50 MM2", "70 MM2"),
            ("7 FIOS", "19 FIOS", "MEIO DURO"),
        ),
        Family(
            "CONEXÕES DE ATERRAMENTO",
            "UN",
            ("HASTE DE ATERRAMENTO", "CONECTOR SPLIT-BOLT", "KIT DE ATERRAMENTO", "BARRA DE EQUALIZAÇÃO", "TERMINAL"),
            ('5/8"', '3/4"', '1/2"', '7/8"', "35 MM2"),
            ("2,4 M", "ALTA CAMADA", "COMPRESSÃO", "EXOTÉRMICO"),
        ),
        Family(
            "DPS E PARA-RAIOS",
            "UN",
            ("DPS CLASSE I", "DPS CLASSE II", "DPS PARA CABO COAXIAL", "CAPTOR FRANKLIN", "CENTELHADOR A GÁS"),
            ("175 V", "275 V", "48 VCC", "350 MM"),
            ("20 KA", "40 KA", "60 KA", "100 KA"),
        ),
    ),
    "MATERIAL ELÉTRICO": (
        Family(
            "DISJUNTORES E PROTEÇÃO",
            "UN",
            ("DISJUNTOR DIN", "DISJUNTOR CAIXA MOLDADA", "CONTATOR", "FUSÍVEL NH", "RELÉ DE FALTA DE FASE"),
            ("MONOPOLAR", "BIPOLAR", "TRIPOLAR"),
            ("10 A", "16 A", "25 A", "32 A", "40 A", "63 A", "100 A"),
        ),
        Family(
            "CONDUTORES",
            "MT",
            ("CABO FLEXÍVEL", "CABO PP", "CABO MULTIPLEXADO", "CABO RÍGIDO"),
            ("1,5 MM2", "2,5 MM2", "4 MM2", "6 MM2", "10 MM2", "16 MM2", "25 MM2"),
            ("PRETO", "AZUL", "VERDE", "VERMELHO", "CINZA"),
        ),
        Family(
            "INFRAESTRUTURA ELÉTRICA",
            "UN",
            ("ELETRODUTO CORRUGADO", "ELETRODUTO GALVANIZADO", "CONDULETE", "CAIXA DE PASSAGEM", "CURVA 90 GRAUS"),
            ('3/4"', '1"', '1 1/4"', '1 1/2"', '2"'),
            ("PESADO", "LEVE", "ALUMÍNIO", "PVC"),
        ),
    ),
    "ESTRUTURA METÁLICA E FIXAÇÃO": (
        Family(
            "PARAFUSOS E FIXADORES",
            "UN",
            ("PARAFUSO SEXTAVADO", "PORCA SEXTAVADA", "ARRUELA DE PRESSÃO", "CHUMBADOR", "GRAMPO U", "ESTICADOR"),
            ("M10", "M12", "M16", "M20", '1/2"', '5/8"'),
            ("GALV. A FOGO", "INOX 304", "ASTM A325"),
        ),
        Family(
            "ESTRUTURA",
            "PC",
            ("CANTONEIRA", "DIAGONAL DE TORRE", "SUPORTE DE ANTENA", "DEGRAU", "PERFIL U", "ESTEIRAMENTO"),
            ("L 50X5", "L 65X6", "L 75X8", '2 1/2"', "3 M"),
            ("GALVANIZADA", "REFORÇADA", "TRECHO A", "TRECHO B"),
        ),
        Family(
            "AÇO E SOLDA",
            "KG",
            ("ELETRODO REVESTIDO", "CHAPA DE AÇO", "BARRA CHATA", "CABO DE AÇO"),
            ("E6013", "3 MM", "5 MM", '3/8"', '1/4"'),
            ("GALVANIZADO", "SAE 1020", "INOX"),
        ),
    ),
    "CLIMATIZAÇÃO": (
        Family(
            "AR-CONDICIONADO",
            "UN",
            (
                "COMPRESSOR ROTATIVO",
                "VENTILADOR EVAPORADOR",
                "PLACA ELETRÔNICA SPLIT",
                "MOTOR CONDENSADOR",
                "CONDENSADORA",
            ),
            ("9.000 BTU", "12.000 BTU", "18.000 BTU", "24.000 BTU", "36.000 BTU"),
            ("220 V", "48 VCC", "INVERTER"),
        ),
        Family(
            "REFRIGERAÇÃO",
            "PC",
            ("FILTRO DE AR", "CAPACITOR", "CONTROLADOR DE TEMPERATURA", "VÁLVULA DE SERVIÇO", "CORREIA"),
            ("35 UF", '1/4"', '3/8"', "G3", "G4"),
            ("UNIVERSAL", "GABINETE", "CONTÊINER"),
        ),
    ),
    "BALIZAMENTO NOTURNO": (
        Family(
            "BALIZADORES",
            "UN",
            ("BALIZADOR SIMPLES LED", "BALIZADOR DUPLO LED", "LÂMPADA DE BALIZAMENTO", "BALIZADOR SOLAR"),
            ("BAIXA INTENSIDADE", "MÉDIA INTENSIDADE"),
            ("127 V", "220 V", "48 VCC", "12 VCC"),
        ),
        Family(
            "COMANDO DE BALIZAMENTO",
            "PC",
            ("FOTOCÉLULA", "RELÉ FOTOELÉTRICO", "QUADRO DE COMANDO", "SUPORTE DE BALIZADOR"),
            ("220 V", "48 VCC", "BIVOLT"),
            ("IP65", "IP67", "COM ALARME", "SEM ALARME"),
        ),
    ),
    "EPI E FERRAMENTAS": (
        Family(
            "EPI",
            "PC",
            ("CINTO PARAQUEDISTA", "TALABARTE Y", "TRAVA-QUEDAS", "CAPACETE COM JUGULAR", "LUVA DE VAQUETA", "BOTINA"),
            ("TAM. P", "TAM. M", "TAM. G", "TAM. GG"),
            ("CLASSE A", "CLASSE B", "DIELÉTRICO"),
        ),
        Family(
            "FERRAMENTAS",
            "UN",
            ("CHAVE COMBINADA", "CHAVE DE IMPACTO", "ALICATE DE CRIMPAR", "TORQUÍMETRO", "MULTÍMETRO", "BROCA SDS"),
            ("8 MM", "10 MM", "13 MM", "17 MM", "19 MM"),
            ("CR-V", "ISOLADA", "PROFISSIONAL", "JOGO"),
        ),
    ),
    "PINTURA E DIVERSOS": (
        Family(
            "TINTAS",
            "UN",
            ("TINTA ESMALTE", "TINTA EPÓXI", "ZARCÃO", "TINTA GALVITE", "THINNER", "VERNIZ PU"),
            ("LARANJA MUNSELL 2,5YR 6/14", "BRANCO N9,5", "CINZA N6,5", "INCOLOR"),
            ("LATA 900 ML", "GALÃO 3,6 L", "BALDE 18 L"),
        ),
        Family(
            "CONSUMÍVEIS",
            "RL",
            ("FITA AUTOFUSÃO", "FITA ISOLANTE", "ABRAÇADEIRA NYLON", "FITA DE AÇO", "SILICONE", "LIXA FERRO"),
            ("19 MM", "25 MM", "200 MM", "380 MM"),
            ("10 M", "20 M", "PRETA", "PROFISSIONAL"),
        ),
    ),
}
SERVICES = (
    *("SERVIÇO DE PODA E ROÇAGEM", "SERVIÇO DE PINTURA DE TORRE", "SERVIÇO DE LIMPEZA DE SITE", "LOCAÇÃO DE GUINDASTE"),
    *(
        "FRETE DEDICADO",
        "SERVIÇO DE SOLDA EM CAMPO",
        "ENSAIO DE ATERRAMENTO",
        "LOCAÇÃO DE GERADOR",
        "SERVIÇO DE SERRALHERIA",
    ),
    *("MANUTENÇÃO DE AR-CONDICIONADO", "SERVIÇO DE TOPOGRAFIA", "SERVIÇO DE VIGILÂNCIA", "DESLOCAMENTO ESPECIAL"),
    *("SERVIÇO DE ALPINISMO INDUSTRIAL", "LAUDO ESTRUTURAL", "SERVIÇO DE CERCAMENTO", "TRANSPORTE DE ESTRUTURA"),
)
SUPPLIER_WORDS = (
    *(
        "VORANTA",
        "QUELUZARA",
        "ITAMARUNA",
        "BRUMATEC",
        "ZANOTEL",
        "CARIBUNA",
        "TORREMAR",
        "PINDOTEC",
        "JURUVALE",
        "MANDARU",
    ),
    *(
        "OLIVARDA",
        "SERTAMIX",
        "GUARANDU",
        "LUMIVARA",
        "PARAVOLT",
        "RECOMBRIL",
        "SAUBARINA",
        "UMBUTEC",
        "XINGALUX",
        "FERRUNAL",
    ),
)
SUPPLIER_TRADES = ("COMPONENTES", "DISTRIBUIDORA", "INDÚSTRIA", "COMÉRCIO", "IMPORTADORA", "MATERIAIS", "SISTEMAS")
SUPPLIER_CITIES = (
    *(("Salvador", "BA", "BR"), ("Feira de Santana", "BA", "BR"), ("São Paulo", "SP", "BR"), ("Campinas", "SP", "BR")),
    *(("Santa Rita do Sapucaí", "MG", "BR"), ("Curitiba", "PR", "BR"), ("Recife", "PE", "BR"), ("Manaus", "AM", "BR")),
)
FOREIGN_CITIES = (("Shenzhen", "EX", "CN"), ("Miami", "EX", "US"), ("Hamburgo", "EX", "DE"))
